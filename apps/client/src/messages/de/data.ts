/** Wörter über die Beispiele auf diesem Gerät, ihren Import und die Arbeit an ihnen. */
import type { VaultChange } from '@tributary/participant';
import type { RejectionReason } from '../../data-import/imported.ts';
import type { data as english } from '../en/data.ts';
import { bytes, count, duration, percent, plural } from '../figures.ts';

const examples = (n: number) => plural(n, 'Beispiel', 'Beispiele');
const rows = (n: number) => plural(n, 'Zeile', 'Zeilen');

export const data: typeof english = {
  data: {
    title: 'Ihre Beispiele',
    fromBefore: 'Früher hinzugefügte Beispiele',
    none: 'Noch keine Beispiele. Fügen Sie eigene hinzu, oder probieren Sie es mit einer erzeugten Stichprobe.',
    have: (n) => `${examples(n)} im Einsatz`,
    split: (training, heldOut) =>
      `${count(training)} trainieren das Modell, ${count(heldOut)} bleiben zurück, um es zu messen. Welche das sind, steht ein für alle Mal fest.`,
    needed: (n) => `Dieser Lauf braucht mindestens ${examples(n)}.`,
    draw: 'Zeichnen',
    choose: 'Dateien wählen',
    chooseFolder: 'Ordner wählen',
    dropHere: 'oder Dateien und Ordner hierher ziehen',
    accepts: {
      image:
        'Bilder (PNG, JPEG oder WebP), ein IDX-Paar (Bilder + Labels, auch .gz) oder ein Zip-Archiv davon. Das Label eines Bildes steht in seinem Ordner (katze/001.png) oder Namen (katze-001.png).',
      tabular:
        'Eine CSV-Datei mit Kopfzeile; oder ohne, wenn sie genau diese Spalten in dieser Reihenfolge und das Label zuletzt hat. Auch als .gz oder .zip.',
      text: 'Reine Textdateien, auch als .gz oder .zip.',
    },
    columns: (names, label) => `Spalten: ${names.join(', ')}; Label-Spalte: ${label}.`,
    fallbackLabel: 'Label für Bilder, deren Name keines nennt',
    noFallback: 'solche Bilder auslassen',
    inverted: 'Die Bilder zeigen dunkle Tinte auf hellem Papier (sie werden umgekehrt)',
    encryptNew: 'Auf diesem Gerät verschlüsseln, was ich hinzufüge',
    encryptWhat:
      'Mit einem Schlüssel, der zum Datensatz gehört, den keine Seite auslesen kann und der mit ihm vernichtet wird: Was auf der Festplatte übrig bleibt, ist unlesbar, sobald der Browser den Schlüssel losgelassen hat. Bis dahin schützt das nicht vor jemandem, der diesen Browser benutzt oder sein ganzes Profil kopiert. Name, Dateinamen und Anzahlen je Label werden nicht verschlüsselt.',
    cannotEncrypt:
      'Hier nicht möglich: Es braucht eine sichere Verbindung (https) und einen Browser, der Schlüssel aufbewahren kann.',
    stays: 'Nur diese Seite liest die Dateien. Nichts wird hochgeladen.',
    importFailed: 'Das hat nicht geklappt. Nichts wurde verändert.',
    reading: (seconds) => (seconds < 1 ? 'Wird gelesen…' : `Wird seit ${duration(seconds)} gelesen…`),
    readSoFar: (accepted, rejected) =>
      rejected === 0
        ? `bisher ${examples(accepted)}`
        : `bisher ${examples(accepted)}, ${count(rejected)} ausgelassen`,
    readingProgress: 'Wie weit das Lesen ist',
    cancelReading: 'Abbrechen',
    storing: 'Wird auf diesem Gerät gespeichert…',
    previewTitle: 'Bevor es gespeichert wird: Stimmt das so?',
    previewNothing: 'Nichts davon ist brauchbar',
    previewCounts: (accepted, rejected) =>
      rejected === 0
        ? `${examples(accepted)}, nichts ausgelassen.`
        : `${examples(accepted)} zum Hinzufügen, ${count(rejected)} ausgelassen.`,
    previewSample: 'Einige davon, wie das Modell sie sehen wird',
    addThese: (n) => `${examples(n)} hinzufügen`,
    discard: 'Nicht hinzufügen',
    close: 'Schließen',
    added: (n) => (n === 0 ? 'Nichts wurde hinzugefügt.' : `${examples(n)} hinzugefügt.`),
    leftOut: (n) => `Ausgelassen: ${count(n)}`,
    saveReport: 'Liste alles Ausgelassenen speichern (CSV)',
    firstOf: (shown, all) => `Die ersten ${count(shown)} von ${count(all)}:`,
    place: (n, isTable) => (isTable ? `Zeile ${count(n)}` : `Nr. ${count(n)}`),
    field: (name) => `Feld „${name}“`,
    drawHint:
      'Zeichnen Sie mit Finger, Stift oder Maus. Mit der Tastatur: Pfeiltasten bewegen den Stift, die Leertaste setzt ihn auf oder hebt ihn ab, die Eingabetaste fügt die Zeichnung hinzu.',
    canvas: (label) => `Zeichenfläche für das Label ${label}`,
    preview: 'Wie das Modell es sieht',
    drawnLabel: 'Das ist',
    addDrawing: 'Zeichnung hinzufügen',
    clearDrawing: 'Leeren',
    nothingDrawn: 'Es ist noch nichts gezeichnet.',
    drawingAdded: (label) => `Einmal ${label} hinzugefügt.`,
    drawingNotAdded: 'Die Zeichnung wurde nicht hinzugefügt.',
    sampleWhat: {
      image: 'Ziffern wie von Hand, auf diesem Gerät in einer eigenen Handschrift erzeugt.',
      tabular: 'Zeilen, die auf diesem Gerät passend zu den Spalten dieses Laufs erzeugt werden.',
      text: 'Sätze, die auf diesem Gerät erzeugt werden.',
    },
    sampleNote: 'Gut zum Ausprobieren; nützlich wird das Modell durch echte Daten.',
    sampleNotPossible:
      'Für solche Bilder lässt sich keine Stichprobe erzeugen. Fügen Sie stattdessen Dateien hinzu.',
    addSample: (n) => `${count(n)} erzeugte Beispiele hinzufügen`,
    drawnHere: 'Hier gezeichnet',
    generatedHere: 'Erzeugte Stichprobe',
    filesName: (first, others) => (others === 0 ? first : `${first} und ${count(others)} weitere`),

    setsTitle: 'Datensätze auf diesem Gerät',
    otherSets: (n) =>
      `${plural(n, 'weiterer Datensatz', 'weitere Datensätze')} auf diesem Gerät, für andere Aufgaben`,
    inUse: 'In diesem Lauf verwenden',
    rows,
    encrypted: 'verschlüsselt',
    notEncrypted: 'nicht verschlüsselt',
    addedAt: (when) => `hinzugefügt ${when}`,
    balance: (name) => `Beispiele je Label in ${name}`,
    balanceOf: (label, n, share) => `${label}: ${count(n)} (${percent(share)})`,
    moreLabels: (n) => `und ${plural(n, 'weiteres Label', 'weitere Labels')}`,
    look: 'Ansehen und bearbeiten',
    lookAt: (name) => `${name} ansehen und bearbeiten`,
    hide: 'Schließen',
    hideSet: (name) => `${name} schließen`,
    delete: 'Löschen',
    deleteSet: (name) => `${name} löschen`,
    deleteSetSure: (name, n, isEncrypted) =>
      `„${name}“ mit ${rows(n)} von diesem Gerät löschen? ${
        isEncrypted ? 'Zuerst wird der Schlüssel vernichtet, dann die Zeilen. ' : ''
      }Das lässt sich nicht zurücknehmen. Was das Modell daraus schon gelernt hat, bleibt gelernt.`,
    deleteAll: 'Alle Beispiele löschen',
    deleteAllSure: (sets, n) =>
      `${sets === 1 ? 'Den einen Datensatz' : `Alle ${count(sets)} Datensätze`} mit ${rows(n)} von diesem Gerät löschen, auch die anderer Läufe, samt allen Schlüsseln? Das lässt sich nicht zurücknehmen. Was das Modell daraus schon gelernt hat, bleibt gelernt.`,
    deleteYes: 'Ja, löschen',
    deleteNo: 'Behalten',

    rowsOf: (name) => `Zeilen von ${name}`,
    page: (from, to, of) => `${count(from)}–${count(to)} von ${count(of)}`,
    previousPage: 'Zurück',
    nextPage: 'Weiter',
    empty: 'Alle seine Zeilen sind gelöscht.',
    editHint: {
      image:
        'Pfeiltasten bewegen, die Leertaste wählt aus, Umschalt mit Pfeiltasten wählt mehrere. Ein Label tippen setzt es, Entf löscht, Strg+Z nimmt zurück.',
      tabular:
        'Pfeiltasten bewegen, die Leertaste wählt aus, Umschalt mit Pfeiltasten wählt mehrere. Ein Label tippen setzt es, Entf löscht, Strg+Z nimmt zurück.',
      text: 'Pfeiltasten bewegen, die Leertaste wählt aus, Entf löscht, Strg+Z nimmt zurück.',
    },
    setLabel: 'Label setzen',
    chooseLabel: 'wählen…',
    deleteRows: (n) => `${rows(n)} löschen`,
    selected: (n) => `${rows(n)} ausgewählt`,
    row: (n, label, isHeldOut) =>
      `Zeile ${count(n)}, Label ${label}, ${isHeldOut ? 'zurückgehalten' : 'trainiert'}`,
    textRow: (n, isHeldOut) => `Zeile ${count(n)}, ${isHeldOut ? 'zurückgehalten' : 'trainiert'}`,
    heldOut: 'zurückgehalten',
    rowNumber: 'Zeile',
    label: 'Label',
    use: 'Verwendung',
    trains: 'trainiert',
    labelled: (n, label) => `${rows(n)} jetzt mit Label ${label}.`,
    manyLabels: (typed) => `Mehrere Labels beginnen mit „${typed}“. Wählen Sie eines aus der Liste.`,
    noLabel: (typed) => `Kein Label beginnt mit „${typed}“.`,
    rowsDeleted: (n) => `${rows(n)} gelöscht.`,
    undo: (change) => `Rückgängig: ${changeWords(change)}`,
    undone: (change) => `Zurückgenommen: ${changeWords(change)}.`,
    nothingToUndo: 'Es gibt nichts zurückzunehmen.',
    undoKept: 'Änderungen lassen sich zurücknehmen, bis diese Seite geschlossen wird.',

    storageTitle: 'Speicher in diesem Browser',
    used: (usage, quota) => `${bytes(usage)} belegt von etwa ${bytes(quota)}, die der Browser erlaubt`,
    usageUnknown: 'Dieser Browser sagt nicht, wie viel belegt ist.',
    persistence: {
      granted: 'Der Browser hat zugesagt, nichts von sich aus zu löschen.',
      'not-granted': 'Der Browser darf von sich aus löschen, wenn der Platz knapp wird.',
      unknown: 'Dieser Browser sagt nicht, ob er von sich aus löschen darf.',
    },
    askToKeep: 'Den Browser bitten, es zu behalten',
    keepGranted: 'Der Browser hat zugestimmt: Er löscht Ihre Datensätze nicht von sich aus.',
    keepRefused:
      'Der Browser hat nicht zugestimmt. Das entscheidet er selbst; ein Lesezeichen oder mehr Besuche können es ändern. Gespeichert sind Ihre Datensätze trotzdem.',

    rejection: (reason: RejectionReason): string => {
      switch (reason.kind) {
        case 'file-kind-unknown':
          return 'keine Art von Datei, die dieser Lauf verwenden kann';
        case 'file-too-large':
          return `entpackt größer als ${bytes(reason.limitBytes)}`;
        case 'file-unreadable':
          return 'nicht lesbar, beschädigt oder nicht, was der Name sagt';
        case 'archive-damaged':
          return 'ein beschädigtes, verschlüsseltes oder unvollständiges Archiv; nichts daraus wurde übernommen';
        case 'archive-in-archive':
          return 'ein Archiv im Archiv; entpacken Sie es zuerst';
        case 'archive-too-many-entries':
          return `ein Archiv mit mehr als ${count(reason.limit)} Dateien; nichts daraus wurde übernommen`;
        case 'archive-too-large':
          return `ein Archiv, das entpackt mehr als ${bytes(reason.limitBytes)} füllt; nichts daraus wurde übernommen`;
        case 'archive-inflates-too-much':
          return `ein Archiv, das entpackt mehr als das ${count(reason.limit)}-Fache seiner Größe füllt, wie Zip-Bomben; nichts daraus wurde übernommen`;
        case 'picture-too-large':
          return `ein Bild mit ${count(reason.width)} x ${count(reason.height)} Pixeln, zu groß zum Öffnen`;
        case 'kind-not-wanted':
          return `dieser Lauf lernt aus ${{ image: 'Bildern', tabular: 'Tabellen (CSV)', text: 'reinem Text' }[reason.wanted]}`;
        case 'idx-magic':
          return `keine IDX-Datei der erwarteten Art (sie beginnt mit ${`0x${reason.found.toString(16).padStart(8, '0')}`})`;
        case 'idx-length':
          return `unvollständig: ${count(reason.expectedBytes)} Bytes erwartet, ${count(reason.foundBytes)} gefunden`;
        case 'idx-image-size':
          return `die Bilder sind ${reason.found}, dieser Lauf braucht ${reason.expected} (Breite x Höhe x Kanäle)`;
        case 'idx-without-partner':
          return reason.has === 'images'
            ? 'Bilder ohne ihre Label-Datei; wählen Sie beide zusammen'
            : 'Labels ohne ihre Bilddatei; wählen Sie beide zusammen';
        case 'idx-count-mismatch':
          return `${count(reason.images)} Bilder, aber ${plural(reason.labels, 'Label', 'Labels')}`;
        case 'label-unknown':
          return `das Label „${reason.label}“ gehört nicht zu diesem Lauf`;
        case 'label-missing':
          return 'kein Label: weder Name noch Ordner ist eines der Labels dieses Laufs';
        case 'column-missing':
          return `die Spalte „${reason.column}“ fehlt`;
        case 'column-count':
          return `${plural(reason.found, 'Wert', 'Werte')}, aber die Kopfzeile hat ${count(reason.expected)}`;
        case 'quote-unclosed':
          return 'ein Anführungszeichen, das nichts schließt';
        case 'value-missing':
          return `kein Wert in „${reason.column}“`;
        case 'value-not-a-number':
          return `„${reason.value}“ in „${reason.column}“ ist keine Zahl`;
        case 'value-out-of-range':
          return `„${reason.value}“ in „${reason.column}“ ist als Zahl zu groß`;
        case 'category-unknown':
          return `„${reason.value}“ ist keine Kategorie von „${reason.column}“`;
        case 'text-too-short':
          return `kürzer als ${count(reason.needed)} Zeichen`;
      }
    },
    reasonKind: {
      'file-kind-unknown': 'Dateien unbekannter Art',
      'file-too-large': 'zu große Dateien',
      'file-unreadable': 'nicht lesbare oder beschädigte Dateien',
      'kind-not-wanted': 'Dateien einer Art, aus der dieser Lauf nicht lernt',
      'archive-damaged': 'beschädigte Archive',
      'archive-in-archive': 'Archive im Archiv',
      'archive-too-many-entries': 'Archive mit zu vielen Dateien',
      'archive-too-large': 'Archive, die entpackt zu viel füllen',
      'archive-inflates-too-much': 'Archive, die wie Zip-Bomben aussehen',
      'picture-too-large': 'Bilder, die zu groß zum Öffnen sind',
      'idx-magic': 'Dateien, die kein IDX der erwarteten Art sind',
      'idx-length': 'unvollständige IDX-Dateien',
      'idx-image-size': 'IDX-Bilder anderer Größe',
      'idx-without-partner': 'IDX-Dateien ohne ihre andere Hälfte',
      'idx-count-mismatch': 'IDX-Paare verschiedener Länge',
      'label-unknown': 'unbekannte Labels',
      'label-missing': 'fehlende Labels',
      'column-missing': 'Tabellen, denen eine Spalte fehlt',
      'column-count': 'Zeilen mit zu wenigen oder zu vielen Werten',
      'quote-unclosed': 'nicht geschlossene Anführungszeichen',
      'value-missing': 'fehlende Werte',
      'value-not-a-number': 'Werte, die keine Zahlen sind',
      'value-out-of-range': 'zu große Zahlen',
      'category-unknown': 'unbekannte Kategorien',
      'text-too-short': 'zu kurze Texte',
    },
  },
};

function changeWords({ kind, rowCount }: VaultChange): string {
  switch (kind) {
    case 'created':
    case 'added':
      return `${rows(rowCount)} hinzugefügt`;
    case 'relabelled':
      return `${rows(rowCount)} mit neuem Label`;
    case 'deleted':
      return `${rows(rowCount)} gelöscht`;
  }
}
