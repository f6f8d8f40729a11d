/** Wörter, die alle Seiten teilen, und Fehler. */
import type { common as english } from '../en/common.ts';
import { count, duration, plural } from '../figures.ts';

export const common: typeof english = {
  product: 'Tributary',
  motto: 'Viele private Bäche, ein gemeinsames Modell.',
  skipToContent: 'Zum Inhalt springen',
  loading: 'Wird geladen…',
  tryAgain: 'Noch einmal versuchen',
  asTable: (title) => `${title}: Tabelle`,
  pageBroke:
    'Auf dieser Seite ist selbst etwas schiefgegangen. Ihre Beispiele sind unberührt. Meist hilft es, neu zu laden.',
  reload: 'Seite neu laden',
  round: 'Runde',
  backendNames: {
    webgpu: 'WebGPU',
    webgl: 'WebGL',
    wasm: 'WebAssembly',
    cpu: 'reinem JavaScript',
    plain: 'dem eingebauten Trainer',
  },
  run: {
    title: 'Worum es in diesem Lauf geht',
    noDescription: 'Der Betreiber hat keine Beschreibung hinterlegt.',
    progress: (done, target) => `${count(done)} von ${count(target)} Runden abgeschlossen`,
    model: 'Modell',
    parameters: (n) => `${count(n)} Parameter`,
    adapters: (kind, trained, baseSize) =>
      `${kind}: Adapter (${trained}) trainieren neben einem fertigen Modell, das dieses Gerät einmal herunterlädt (${baseSize})`,
    learns: 'Es lernt',
    classes: (labels) =>
      labels.length <= 12
        ? `zu unterscheiden: ${labels.join(', ')}`
        : `${count(labels.length)} Klassen zu unterscheiden`,
    nextCharacter: 'das nächste Zeichen eines Textes vorherzusagen',
    together: 'Gemeinsam',
    perRound: (goal, minimum) =>
      `jede Runde wartet auf ${plural(goal, 'Update', 'Updates')} und braucht mindestens ${count(minimum)}`,
    yourWork: 'Ihr Gerät',
    localWork: (epochs, seconds) =>
      `geht je Runde ${epochs === 1 ? 'einmal' : `${count(epochs)}-mal`} durch Ihre Beispiele, innerhalb von ${duration(seconds)}`,
    status: {
      running: 'läuft',
      pausing: 'pausiert nach dieser Runde',
      paused: 'pausiert',
      completed: 'abgeschlossen',
      stopped: 'beendet',
    },
    modelKinds: {
      'softmax-regression': 'Softmax-Regression',
      mlp: 'mehrschichtiges Perzeptron',
      'mcmahan-cnn': 'Faltungsnetz',
      'separable-cnn': 'separierbares Faltungsnetz',
      'char-transformer': 'Zeichen-Transformer',
      'char-gru': 'rekurrentes Netz über Zeichen (GRU)',
      layers: 'eigenes Netz',
    },
  },

  preferences: {
    language: 'Sprache',
    colours: 'Farben',
    schemes: { auto: 'Auto', light: 'Hell', dark: 'Dunkel' },
  },

  errors: {
    'ticket-expired': 'Ihre Einladung ist abgelaufen. Bitten Sie um einen frischen Link.',
    'ticket-invalid': 'Ihre Einladung gilt hier nicht. Bitten Sie noch einmal um den Link.',
    'invite-exhausted':
      'So viele Geräte, wie Ihre Einladung erlaubt, sind schon dabei. Bitten Sie um einen anderen Link.',
    'invite-revoked': 'Ihre Einladung wurde zurückgenommen. Bitten Sie um einen anderen Link.',
    'identity-invalid': 'Dieses Gerät konnte sich nicht ausweisen. Laden Sie die Seite neu.',
    'identity-in-use': 'Dieses Gerät macht schon in einem anderen Tab oder Fenster mit.',
    'not-eligible': 'Dieser Lauf verlangt mehr Beispiele, als Sie haben.',
    'run-not-open': 'Dieser Lauf nimmt gerade niemanden auf.',
    'too-many-connections': 'Der Koordinator ist gerade voll besetzt. Es wird wieder versucht.',
    'backend-unavailable': 'Keine der Arten zu trainieren funktioniert in diesem Browser.',
    'training-diverged':
      'Das Training ist entgleist: Die Zahlen ergaben keinen Sinn mehr. Diese Runde wird ausgelassen.',
    'model-unsupported': 'Dieser Browser kann ein solches Modell nicht trainieren.',
    'data-missing': 'Es gibt keine Beispiele zum Trainieren.',
    'storage-full': 'Auf diesem Gerät ist kein Platz mehr. Nichts davon wurde hinzugefügt.',
    'ledger-unwritable':
      'Auf diesem Gerät ist kein Platz mehr, um festzuhalten, was es verlässt. Deshalb wurde nichts weiter gesendet, und die Teilnahme ist angehalten. Schaffen Sie Platz, und starten Sie dann wieder.',
    'data-invalid': 'Ihre Beispiele passen nicht zu diesem Lauf.',
    'data-unreadable': 'Diese Beispiele lassen sich auf diesem Gerät nicht mehr entschlüsseln.',
    'protocol-unsupported': 'Diese Seite ist älter oder neuer als der Koordinator. Laden Sie sie neu.',
    unauthorised: 'Melden Sie sich wieder an: Ihre Sitzung gilt nicht mehr.',
    forbidden: 'Ihre Rolle erlaubt das nicht.',
    conflict: 'Der Lauf ist in einem Zustand, der das nicht erlaubt.',
    'rate-limited': 'Zu viele Versuche. Warten Sie einen Augenblick.',
  },
};
