/** Die Wörter der Teilnahmeseite, ohne die über ihre Daten. */
import type { ParticipationActivity } from '@tributary/fl-core';
import type { LedgerEntry, LedgerSubject } from '@tributary/participant';
import type { participant as english } from '../en/participant.ts';
import { count, duration, exact, percent, plural } from '../figures.ts';

const examples = (n: number) => plural(n, 'Beispiel', 'Beispiele');

export const participant: typeof english = {
  join: {
    asking: 'Der Koordinator wird gefragt, worum es in diesem Lauf geht…',
    askingSlow: 'Noch keine Antwort. Der Koordinator oder die Verbindung ist langsam.',
    noTicketTitle: 'Diese Seite braucht eine Einladung',
    noTicket:
      'Ein Einladungslink endet auf „#ticket=…“. Der Adresse, über die Sie hierhergekommen sind, fehlt das Ticket: Vielleicht wurde das Ende des Links beim Kopieren abgeschnitten. Bitten Sie noch einmal um den Link, oder fügen Sie ihn hier ein.',
    pasteLink: 'Einladungslink oder Ticket',
    useLink: 'Öffnen',
    badLink: 'In diesem Text ist kein Ticket.',
    ticketExpiredTitle: 'Diese Einladung ist abgelaufen',
    ticketExpired:
      'Tickets gelten nur eine begrenzte Zeit. Bitten Sie die Person, die Sie eingeladen hat, um einen neuen Link. Beispiele, die Sie schon hinzugefügt haben, sind noch auf diesem Gerät und werden wiedergefunden.',
    ticketInvalidTitle: 'Diese Einladung gilt hier nicht',
    ticketInvalid:
      'Der Koordinator erkennt das Ticket nicht an: Der Link wurde beim Kopieren beschädigt, oder er gehört zu einem anderen Koordinator. Bitten Sie noch einmal um den Link.',
    runUnknownTitle: 'Diesen Lauf gibt es nicht mehr',
    runUnknown: 'Der Koordinator hat ihn entfernt. Es gibt nichts mehr, woran Sie teilnehmen könnten.',
    unreachableTitle: 'Der Koordinator ist nicht erreichbar',
    unreachable: 'Prüfen Sie Ihre Verbindung. Diese Seite fragt von selbst wieder nach.',
    failedTitle: 'Der Koordinator hat mit einem Fehler geantwortet',
  },

  device: {
    insecureTitle: 'Diese Seite wurde nicht über eine sichere Verbindung geladen',
    insecure:
      'Ihre Adresse beginnt mit http:// und ist nicht localhost. Deshalb schaltet der Browser einige Fähigkeiten ab, und jeder im Netz zwischen Ihnen und dem Koordinator könnte mitlesen und verändern, was übertragen wird. Bitten Sie den Betreiber um einen Link, der mit https:// beginnt (der Koordinator kann sich selbst ein Zertifikat ausstellen: „--tls self-signed“).',
    insecureDetails: 'Was so funktioniert und was nicht',
    insecureMeans: [
      'Funktioniert: Beispiele hinzufügen, trainieren (mit WebAssembly, langsamer als mit dem Grafikprozessor), teilnehmen, die Liste dessen, was gesendet wurde.',
      'Funktioniert nicht: Training auf dem Grafikprozessor (WebGPU) und verschlüsselte Ablage Ihrer Beispiele (WebCrypto).',
      'Den Schlüssel dieses Geräts erzeugt die Seite selbst; er liegt lesbar im Speicher dieser Website.',
      'Der Browser kann der Seite nicht sagen, ob ein anderer Tab teilnimmt (Web Locks): Verwenden Sie nur einen Tab.',
    ],
    noStorageTitle: 'Dieser Browser gibt der Seite keinen Speicher',
    noStorage:
      'Vielleicht ist dies ein privates Fenster. Sie können teilnehmen, aber Ihre Beispiele und die Liste dessen, was gesendet wurde, sind vergessen, sobald Sie die Seite schließen oder neu laden.',
    noWorkersTitle: 'Dieser Browser kann keine Hintergrundprozesse ausführen',
    noWorkers:
      'Das Training läuft in einem solchen Prozess, deshalb kann dieser Browser nicht teilnehmen. Ein aktueller Chrome, Edge, Firefox oder Safari kann es.',
    noWebGpu:
      'Dieser Browser hat kein WebGPU: Trainiert wird mit WebGL oder dem Prozessor. Das kann länger dauern; das Ergebnis zählt genauso.',
  },

  overview: {
    leaves: (size) =>
      `in jeder Runde das, was das Training am Modell verändert hat (${size}), und einige Zahlen dazu`,
    stays: 'Ihre Beispiele. Trainiert wird in diesem Browser',
    careful: 'Beachten Sie:',
    visible:
      'Der Koordinator sieht Ihre Änderung am Modell einzeln und kann daraus möglicherweise auf Ihre Beispiele schließen',
    agree: 'Zustimmen',
    addData: 'Beispiele hinzufügen',
    dataHow: 'Dateien wählen, zeichnen oder eine erzeugte Stichprobe nehmen',
    dataIsHere: 'Ihre Beispiele sind da. Ansehen',
    start: 'Starten',
    startHow: 'Zum Startknopf',
    started: 'Sie nehmen teil. Ansehen, wie es läuft',
    done: 'erledigt',
  },

  consent: {
    signing: 'Ihre Zustimmung wird mit dem Schlüssel dieses Geräts unterschrieben…',
    failed:
      'Ihre Zustimmung konnte nicht unterschrieben werden: Dieser Browser gibt der Seite keinen Schlüssel. Ohne sie kann die Teilnahme nicht beginnen.',
    signedNotKept:
      'Unterschrieben mit dem Schlüssel dieses Geräts. Dieser Browser bewahrt für diese Seite nichts auf: Mit ihr ist auch der Beleg weg, wenn Sie ihn nicht herunterladen.',
    signed: 'Unterschrieben mit dem Schlüssel dieses Geräts und hier aufbewahrt.',
    save: 'Beleg herunterladen',
    againTitle: 'Bitte lesen Sie noch einmal: Das ist nicht mehr das, dem Sie zugestimmt haben',
    again: 'Die Teilnahme wurde nicht fortgesetzt. Anders ist:',
    changes: {
      device: 'Dieses Gerät hat einen anderen Schlüssel als den, der unterschrieben hat',
      coordinator: 'Der Lauf hat jetzt eine andere Adresse',
      language: 'Die Sprache dieser Seite: Sie haben dem Text in einer anderen zugestimmt',
      text: 'Der Text darüber, was das Gerät verlässt und was bleibt',
      model: 'Das Modell, und damit Größe und Inhalt dessen, was das Gerät verlässt',
      data: 'Die Art der Daten, aus denen der Lauf lernt',
      training: 'Wie Ihr Gerät trainiert',
      privacy: 'Wie Ihr Update geschützt wird, bevor es das Gerät verlässt',
      compression: 'Die Form, in der Ihr Update das Gerät verlässt',
      secureAggregation: 'Ob der Koordinator Ihr Update einzeln sehen kann',
    },
    howToVerify:
      'Die Unterschrift ist Ed25519 (RFC 8032) mit dem publicKey, der in claims steht, über: die Länge 20 als 4 Bytes (Little Endian), den Text "tributary/consent/v1", die Länge von claims in Bytes als 4 Bytes (Little Endian) und claims (UTF-8) genau so, wie es nach dem Lesen der JSON-Zeichenkette dasteht. textSha256 in claims ist der SHA-256 des Feldes text (UTF-8).',
  },

  otherTab: {
    title: 'Ein anderer Tab dieses Browsers nimmt an diesem Lauf teil',
    phases: {
      idle: 'Er bereitet sich vor.',
      checkingIn: 'Er verbindet sich mit dem Koordinator.',
      waiting: 'Er wartet auf die nächste Runde.',
      downloading: 'Er lädt das Modell.',
      training: 'Er trainiert.',
      ready: 'Er hat trainiert und wartet auf die anderen.',
      offering: 'Er hat trainiert und wartet auf die anderen.',
      sharing: 'Er bereitet mit den anderen die sichere Summe vor.',
      masking: 'Er maskiert sein Update.',
      uploading: 'Er sendet sein Update.',
      reported: 'Sein Update ist angekommen.',
      confirming: 'Er vergleicht mit den anderen, wer in der Summe ist.',
      revealing: 'Er hilft, die Summe zu öffnen.',
      ended: 'Der Lauf ist zu Ende.',
      refused: 'Der Koordinator hat ihn nicht teilnehmen lassen.',
      left: 'Er hat den Lauf verlassen.',
    } satisfies Record<ParticipationActivity['phase'], string>,
    figures: (round, contributions, fraction) =>
      [
        round === null ? '' : `Runde ${count(round)}${fraction === null ? '' : `, ${percent(fraction)}`}. `,
        `Bisher ${plural(contributions, 'angenommenes Update', 'angenommene Updates')}.`,
      ].join(''),
    takeOver: 'Stattdessen in diesem Tab teilnehmen',
    takeOverDoes:
      'Der andere Tab hört auf; dieser macht dort weiter, wo er war. Immer nur ein Tab nimmt teil.',
  },

  trial: {
    title: 'Das Modell an Ihren eigenen Beispielen ausprobieren',
    what: 'Fragt den Koordinator nach dem neuesten gemeinsamen Modell (zwei Einträge in der Liste dessen, was gesendet wurde) und sieht nach, was es über die Beispiele sagt, die Sie zurückhalten. Über Ihre Beispiele wird nichts gesendet.',
    noneHeldOut:
      'Dafür braucht es zurückgehaltene Beispiele. Fügen Sie weitere hinzu; etwa ein Fünftel davon wird zurückgehalten.',
    open: 'Das neueste gemeinsame Modell ausprobieren',
    openAgain: 'Das neueste noch einmal holen',
    train: 'Mit meinen Beispielen trainieren und vergleichen',
    cancel: 'Abbrechen',
    opening: 'Das Modell wird geholt und gemessen…',
    training: 'Eine Kopie wird mit Ihren Beispielen trainiert; nichts wird gesendet',
    failed:
      'Das hat nicht geklappt. Vielleicht ist der Koordinator nicht da; versuchen Sie es gleich noch einmal.',
    of: (rounds, n) =>
      `Das gemeinsame Modell nach ${plural(rounds, 'Runde', 'Runden')}, an ${plural(n, 'Beispiel', 'Beispielen')} von Ihnen, die nie trainiert werden.`,
    shared: 'Gemeinsames Modell',
    trained: 'Nach Training hier',
    loss: (loss) => `Verlust ${loss}`,
    show: 'Zeigen',
    confusion: 'Was wofür gehalten wird',
    isAndSays: 'ist ↓ sagt →',
    mistakes: 'Die häufigsten Verwechslungen',
    mistake: (is, says, times) => `${is} für ${says} gehalten: ${count(times)}-mal`,
    single: 'Einzeln',
    wrongOnly: 'Nur die falschen',
    noneWrong: 'Keine.',
    first: (shown, of) => `Die ersten ${count(shown)} von ${count(of)}.`,
    says: (label, probability) => `sagt ${label} (${probability})`,
    right: 'richtig',
    wrong: (label) => `ist ${label}`,
  },

  erase: {
    title: 'Verlassen und löschen',
    erases: 'Das wird aus diesem Browser gelöscht',
    erased: [
      'die Datensätze auf diesem Gerät, die dieser Lauf verwenden kann, mit ihren Schlüsseln',
      'der Schlüssel dieses Geräts: Wenn Sie wiederkommen, hält der Koordinator Sie für jemand anderen, in jedem Lauf',
      'die Liste dessen, was gesendet wurde, und die aufbewahrten Kopien davon',
      'Ihre Zustimmung und ihr Beleg, für jeden Lauf',
      'Sprache, Farben und was diese Seite sonst behalten hat',
    ],
    cannot: 'Was sich nicht rückgängig machen lässt',
    updatesStay: (n) =>
      n === 0
        ? 'soweit dieses Gerät weiß, ist kein Update von Ihnen im Modell'
        : `${plural(n, 'Update', 'Updates')} von Ihnen ${n === 1 ? 'ist' : 'sind'} im Modell und ${n === 1 ? 'lässt' : 'lassen'} sich nicht wieder herausnehmen`,
    remains: [
      'was in das gemeinsame Modell eingerechnet ist, bleibt darin',
      'der Koordinator behält seine Aufzeichnungen: den öffentlichen Namen dieses Geräts, mit welcher Einladung es kam und in welchen Runden ein Update von ihm angenommen wurde; wer ihn betreibt, oder ein Proxy davor, kann Netzadressen notiert haben',
      'im Verlauf dieses Browsers kann der Link mit Ihrem Ticket noch stehen',
    ],
    alsoOthers: (n) => `Auch ${plural(n, 'Datensatz', 'Datensätze')} für Läufe anderer Art löschen`,
    button: 'Verlassen und löschen',
    question:
      'Den Lauf verlassen und all das aus diesem Browser löschen? Das lässt sich nicht rückgängig machen.',
    yes: 'Ja, verlassen und löschen',
    no: 'Behalten',
    busy: 'Abmelden und löschen…',
    here: 'Löschen, was diese Seite hier aufbewahrt',
    hereQuestion:
      'Für jeden Lauf aus diesem Browser löschen: alle Datensätze, den Schlüssel dieses Geräts, die Liste dessen, was gesendet wurde, und jede Zustimmung? Das lässt sich nicht rückgängig machen.',
    hereFailed: 'Nicht alles ließ sich löschen. Versuchen Sie es noch einmal.',
    doneTitle: 'Gelöscht',
    done: 'Alles, was aufgeführt war, ist aus diesem Browser gelöscht.',
    kept: (n) =>
      `Wie Sie es gewählt haben, ${n === 1 ? 'bleibt' : 'bleiben'} ${plural(n, 'Datensatz', 'Datensätze')} für Läufe anderer Art in diesem Browser.`,
    again: 'Um wieder teilzunehmen, öffnen Sie den Einladungslink. Sie beginnen dann als jemand Neues.',
  },

  privacy: {
    title: 'Was dieses Gerät verlässt und was nie: Wort für Wort',
    leaves: 'Verlässt das Gerät',
    stays: 'Verlässt das Gerät nie',
    size: (size) => `etwa ${size}`,
    update: (size) =>
      `in jeder Runde, an der Sie teilnehmen: ein Modell-Update von ${size}, also die Änderung, die das Training mit Ihren Beispielen am Modell bewirkt hat`,
    exampleCount: 'mit wie vielen Beispielen Sie trainieren (nicht, wie viele es von jeder Art sind)',
    heldOut:
      'Genauigkeit und Verlust des gemeinsamen Modells an den Beispielen, die Sie zurückhalten, und wie viele das sind (drei Zahlen je Runde)',
    device:
      'der öffentliche Schlüssel dieses Geräts, eine damit geleistete Unterschrift, Ihr Ticket, die Art der Berechnung sowie Fortschritt und Geschwindigkeit des Trainings',
    leaving:
      'wenn dieses Gerät den Lauf verlässt: warum (Sie haben gestoppt oder Ihre Beispiele gelöscht, das Training ist fehlgeschlagen, oder es war zu langsam)',
    network: 'Ihre Netzadresse, wie bei jeder Webseite',
    examples: 'Ihre Beispiele: Bilder, Zeilen, Texte und ihre Bezeichnungen',
    fileNames: 'Namen und Inhalte Ihrer Dateien und Ihre Zeichnungen',
    counts: 'wie viele Beispiele Sie von jeder Bezeichnung haben',
    notMaskedTitle: 'In diesem Lauf sind Updates vor dem Koordinator nicht verborgen',
    notMasked:
      'Dieser Lauf verwendet keine sichere Aggregation und fügt kein Rauschen hinzu. Der Koordinator sieht das Update jedes Teilnehmers einzeln. Ein Update ist nicht dasselbe wie Ihre Daten, aber wer es hat, kann möglicherweise auf die Beispiele schließen, mit denen trainiert wurde, und manche davon sogar rekonstruieren. Nehmen Sie nur teil, wenn Sie dem Betreiber dieses Koordinators damit vertrauen.',
    clipped: (norm) =>
      `Bevor es das Gerät verlässt, wird Ihr Update auf eine Länge von höchstens ${exact(norm)} (L2-Norm) gekürzt; das begrenzt, wie weit eine einzelne Person das Modell bewegen kann.`,
    rounded: (bound) =>
      `Jede Änderung eines Parameters wird bei ±${exact(bound)} abgeschnitten und zufällig auf- oder abgerundet.`,
    roundedToSteps:
      'Jede Änderung eines Parameters wird zufällig auf- oder abgerundet, auf Stufen, die in einer Runde für alle gleich sind.',
    sampled: 'Nur ein Teil Ihres Updates wird gesendet, in jeder Runde neu gezogen: von allen derselbe Teil.',
    coded:
      'Ihr Update wird vereinfacht, bevor es das Gerät verlässt: Was ankommt, ist eine Näherung in weniger Bytes.',
    lossIsKept:
      'Was dabei verloren ging, bleibt auf diesem Gerät und kommt beim nächsten Mal hinzu. Es kann so viel über Ihre Beispiele verraten wie ein Update und wird hier mit allem anderen gelöscht.',
    notClipped: 'Dieser Lauf begrenzt die Länge Ihres Updates nicht.',
    codeNote:
      'Der Koordinator liefert auch den Code dieser Seite. Keine Webseite kann Ihnen beweisen, dass sie nur tut, was sie sagt.',
    consent: 'Ich habe gelesen, was dieses Gerät verlässt, und möchte teilnehmen',
  },

  taking: {
    title: 'Teilnehmen',
    start: 'Starten',
    startAgain: 'Wieder starten',
    startDoes: 'Verbindet sich mit dem Koordinator und trainiert, wann immer eine Runde Sie braucht.',
    resume: 'Weitermachen',
    resumeDoes: 'Sie haben pausiert. Von der nächsten Runde an nehmen Sie wieder teil.',
    pauseAfterRound: 'Diese Runde abschließen, dann pausieren',
    pauseAfterRoundDoes: 'Der höfliche Weg: Was Sie trainiert haben, zählt noch.',
    pauseNow: 'Jetzt pausieren',
    pauseNowDoes: 'Verlässt diese Runde sofort; ihr Training ist verloren. Sie können später weitermachen.',
    goOn: 'Doch nicht pausieren',
    goOnDoes: 'Nimmt die Pause zurück.',
    stop: 'Stoppen',
    stopDoes: 'Beendet die Teilnahme. Ihre Beispiele bleiben hier, und nichts läuft von selbst weiter.',
    busy: {
      starting: 'Wird gestartet…',
      pausing: 'Pausiert, sobald diese Runde fertig ist…',
      stopping: 'Wird gestoppt…',
      erasing: 'Abmelden und löschen…',
    },
    runCompleted: 'Dieser Lauf ist abgeschlossen und nimmt keine Updates mehr an.',
    runStopped: 'Der Betreiber hat diesen Lauf beendet; er nimmt keine Updates mehr an.',
    needsConsent: 'Setzen Sie zuerst das Häkchen zur Zustimmung.',
    needsExamples: (n) => `Fügen Sie zuerst noch ${examples(n)} hinzu.`,
    resumed: 'Willkommen zurück. Sie hatten schon gestartet, deshalb läuft es von selbst weiter.',
    contributions: 'Ihre angenommenen Updates',
    backend: 'Trainiert mit:',
    backendPending: 'wird gewählt, wenn das erste Training beginnt',
    whyNot: 'Warum nicht schneller?',
    lost: {
      reopened: (name) =>
        `${name} ist mitten im Training ausgefallen und wurde neu gestartet. Das Training ging nach der letzten fertigen Epoche weiter; die angefangene wird wiederholt.`,
      passedOver: (name, next) =>
        `${name} ist mitten im Training ausgefallen. Das Training ging nach der letzten fertigen Epoche mit ${next} weiter; die angefangene wird wiederholt.`,
    },
    kernelFailed: (name, kernel) =>
      `${name} hat beim Selbsttest auf diesem Gerät bei „${kernel}“ falsch gerechnet; diese Fassung davon wird deshalb nicht benutzt.`,
    workLimit: {
      title: 'Wie viel dieses Gerät arbeiten darf',
      does: 'Das Training ruht zwischendurch; es dauert länger und wärmt das Gerät weniger. Das Ergebnis bleibt gleich. Die Wahl gilt sofort.',
      choice: (share) => `${percent(share)} der Zeit`,
    },
    speed: (perSecond) => `${count(Math.round(perSecond))} Beispiele je Sekunde`,
    leaveOpen: 'Lassen Sie diesen Tab offen. Im Hintergrund geht es weiter, vielleicht langsamer.',
    faults: 'Etwas hat nicht geklappt',
    goesOn: 'Die Teilnahme geht von selbst weiter, wo sie kann.',
  },

  activity: {
    idle: 'Nicht gestartet.',
    paused: 'Pausiert. Ihre Beispiele bleiben auf diesem Gerät.',
    starting: 'Es wird vorbereitet…',
    checkingIn: 'Verbindung zum Koordinator wird aufgebaut…',
    reconnecting: 'Die Verbindung ist abgebrochen. Sie wird neu aufgebaut; von Ihnen geht nichts verloren.',
    downloading: 'Das aktuelle Modell wird geladen',
    downloadRetry: 'Das Modell konnte noch nicht geladen werden; gleich folgt ein neuer Versuch.',
    training: (n) => `Training mit ${n === 1 ? 'Ihrem Beispiel' : `Ihren ${count(n)} Beispielen`}`,
    preparing: 'Vorbereitung: Der schnellste Weg, den dieses Gerät bietet, wird gesucht',
    measuring: 'Das gemeinsame Modell wird an Ihren zurückgehaltenen Beispielen gemessen',
    ready: 'Trainiert. Es fehlen noch andere, die auch so weit sind.',
    offering: 'Trainiert. Für eine sichere Summe fehlen noch andere, die auch so weit sind.',
    sharing: 'Geheimnisse werden mit den anderen der Gruppe geteilt; Ihr Update ist noch hier',
    masking: 'Ihr Update wird maskiert',
    masked: 'Maskiert. Wartet auf die Erlaubnis zu senden.',
    confirming: 'Es wird mit den anderen verglichen, wer in der Summe ist',
    revealing: 'Hilft, die Summe der Gruppe zu öffnen',
    uploading: 'Ihr Update wird gesendet',
    uploadRetry: 'Das Senden hat nicht geklappt; gleich folgt ein neuer Versuch.',
    reported: 'Ihr Update ist angekommen. Die Runde ist noch nicht zu Ende.',
    completed: 'Der Lauf ist abgeschlossen. Danke, dass Sie teilgenommen haben.',
    stopped: 'Der Betreiber hat diesen Lauf beendet. Danke, dass Sie teilgenommen haben.',
    refused: 'Der Koordinator hat diese Seite nicht teilnehmen lassen.',
    trainingLeft: (seconds) =>
      `Noch etwa ${duration(seconds)} Training, nach der hier gemessenen Geschwindigkeit.`,
    deadline: (seconds) => `Der Koordinator wartet noch ${duration(seconds)}.`,
    elapsed: (seconds) => `Seit ${duration(seconds)}.`,
    percentDone: (what, fraction) => `${what}: ${percent(fraction)}`,
    comeBack: (reason, seconds) => `${reason} Nächste Nachfrage in etwa ${duration(seconds)}.`,
    waiting: {
      admitted: 'Angemeldet. Die nächste Runde wird abgewartet.',
      'round-in-progress': 'Gerade läuft eine Runde ohne Sie; die nächste braucht Sie vielleicht.',
      'waiting-for-others': 'Es sind noch nicht genug andere da.',
      'not-selected': 'Für diese Runde wurden andere ausgewählt. Vielleicht sind Sie als Nächstes dran.',
      'run-paused': 'Der Betreiber hat diesen Lauf pausiert.',
      'cohort-full': 'Diese Runde hatte vor Ihrem schon genug Updates; Ihres wurde nicht gesendet.',
      'deadline-passed':
        'Die Zeit dieser Runde war vor Ihrem Training um. Die nächste Runde ist eine neue Gelegenheit.',
      'away-too-long':
        'Für diese Runde war die Verbindung zu lange weg. Bei der nächsten sind Sie wieder dabei.',
      'update-refused': 'Der Koordinator hat Ihr Update in dieser Runde abgelehnt.',
      left: 'Sie haben diese Runde verlassen.',
      'round-over': 'Die Runde endete ohne Ihr Update.',
      'round-committed': 'Die Runde ist fertig, und das Modell ist besser dadurch. Weiter mit der nächsten.',
      'download-failed': 'Das Modell konnte diesmal nicht geladen werden. Die nächste Runde versucht es neu.',
      'training-failed': 'Das Training hat diesmal nicht geklappt. Die nächste Runde versucht es neu.',
      'upload-failed': 'Ihr Update konnte diesmal nicht gesendet werden. Die nächste Runde versucht es neu.',
      'secure-sum-lost':
        'Dieses Gerät ist aus der sicheren Summe ausgefallen: Ihre Geheimnisse werden nie gespeichert, und die Seite wurde neu geladen oder kam zu spät. Die nächste Runde ist eine neue Gelegenheit.',
      'secure-sum-refused':
        'Dieses Gerät hat die sichere Summe dieser Runde abgelehnt. Warum, steht unten. Wartet auf die nächste Runde.',
      'secure-sum-faulty':
        'Der Koordinator hat eine Nachricht dieses Geräts in der sicheren Summe nicht angenommen.',
      'update-lost': 'Ihr Update ist nicht mehr auf diesem Gerät; die Runde geht ohne es weiter.',
      'too-few-ready': 'Die Runde wurde aufgegeben: Zu wenige waren rechtzeitig so weit.',
      'too-few-survivors': 'Die Runde wurde aufgegeben: Zu wenige Updates kamen an.',
      stopped: 'Die Runde wurde angehalten.',
      'aggregation-failed':
        'Die Runde wurde aufgegeben: Der Koordinator konnte die Updates nicht zusammenführen.',
      'sum-wrapped':
        'Die Runde wurde aufgegeben: Zusammen waren die Updates größer als erwartet. Die nächste Runde lässt mehr Platz.',
      'sum-too-coarse':
        'Die Runde wurde aufgegeben: Zusammen waren die Updates kleiner als ihre Rundung. Die nächste Runde rundet feiner.',
      'encoding-refused':
        'Dieses Gerät hat die Runde abgelehnt: Der Koordinator wollte das Update in einer Form, die der Plan nicht erlaubt. Wartet auf die nächste Runde.',
    },
    left: {
      'stopped-by-person':
        'Gestoppt. Ihre Beispiele bleiben auf diesem Gerät; Sie können jederzeit wieder starten.',
      'device-failed':
        'Dieses Gerät konnte nicht aufzeichnen, was es sendet, deshalb hat es den Lauf verlassen.',
      'plan-changed':
        'Der Plan dieses Laufs ist nicht mehr der, dem Sie zugestimmt haben; deshalb hat dieses Gerät ihn verlassen. Laden Sie die Seite neu, um den neuen zu lesen.',
      'data-erased': 'Sie haben Ihre Beispiele gelöscht, deshalb hat dieses Gerät den Lauf verlassen.',
    },
  },

  accuracy: {
    title: 'An Ihren eigenen zurückgehaltenen Beispielen',
    none: 'Wird gemessen, wenn die erste Runde beginnt, an Beispielen, die nie trainiert werden.',
    before: 'Gemeinsames Modell, als Sie kamen',
    now: 'Gemeinsames Modell jetzt',
    thisRound: (before, after) =>
      `In der jüngsten Runde hat das Training hier es an Ihren Beispielen von ${before} auf ${after} gebracht.`,
    of: (n) => `gemessen an ${plural(n, 'Beispiel', 'Beispielen')}`,
  },

  ledger: {
    title: 'Was dieses Gerät verlassen hat',
    none: 'Nichts als die Frage, worum es in diesem Lauf geht.',
    noneSuch: 'Nichts von dieser Art.',
    total: 'Gesamt',
    totalOf: (size, n) => `${size} in ${plural(n, 'Nachricht', 'Nachrichten')}`,
    time: 'Zeit',
    what: 'Was',
    bytes: 'Größe',
    hash: 'SHA-256',
    exactly: 'Genau so gesendet',
    save: 'Herunterladen',
    saveOf: (label) => `Genau so herunterladen, wie es gesendet wurde: ${label}`,
    noLongerKept: 'nicht mehr aufbewahrt',
    noBody: 'kein Inhalt',
    kind: 'Zeigen',
    allKinds: 'alles',
    kinds: {
      upload: 'Modell-Updates',
      message: 'Nachrichten',
      request: 'Anfragen',
      protocol: 'Erhalt der Verbindung',
    },
    round: 'Runde',
    allRounds: 'alle',
    asJson: 'Ganze Liste als JSON',
    asCsv: 'Ganze Liste als CSV',
    pages: 'Seiten der Liste',
    newer: 'Neuere',
    older: 'Ältere',
    pageOf: (page, pages, n) => `${count(page)} von ${count(pages)} (${plural(n, 'Eintrag', 'Einträge')})`,
    label: ({ subject, roundNumber, times, bits }: LedgerEntry): string => {
      const round = roundNumber === null ? '' : ` (Runde ${count(roundNumber)})`;
      const coded = bits === undefined ? '' : `, ${plural(bits, 'Bit', 'Bits')} je Wert`;
      return `${subjects[subject]}${times > 1 ? `, ${count(times)}-mal` : ''}${coded}${round}`;
    },
    counts:
      'Gezählt wird, was die Seite dem Browser übergibt; der Browser fügt seine eigenen Kopfzeilen hinzu, wie bei jeder Webseite.',
    keeps:
      'Die neuesten 2.000 Nachrichten und die neuesten 64 MB an Updates werden hier genau so aufbewahrt, wie sie gesendet wurden. Wer von Ihnen die Datei einer Anmeldung bekommt, bekommt Ihr Ticket: Es steht darin.',
  },
};

const subjects: Record<LedgerSubject, string> = {
  'run-question': 'Frage, worum es in diesem Lauf geht',
  connection: 'Aufbau der Verbindung',
  'keep-alive': 'Lebenszeichen',
  'check-in':
    'Anmeldung: Ticket, öffentlicher Schlüssel und Unterschrift dieses Geräts, womit es rechnet, Zahl der Beispiele (mit sicherer Aggregation: dass es genug sind)',
  progress: 'Fortschritt des Trainings (ohne sichere Aggregation: und seine Geschwindigkeit)',
  announcement: 'Ankündigung des Updates: sein Hash und seine Länge, Zahl der Beispiele',
  'held-out-accuracy': 'Genauigkeit und Verlust des gemeinsamen Modells an Ihren zurückgehaltenen Beispielen',
  'keys-offer': 'öffentliche Schlüssel für eine sichere Summe, unterschrieben',
  'sealed-shares': 'verschlüsselte Teile der Geheimnisse dieses Geräts, für andere in der Gruppe',
  'masked-announcement': 'Ankündigung des maskierten Updates: sein Hash und seine Länge',
  'survivors-signature': 'Unterschrift unter die Liste derer, die in der Summe sind',
  'revealed-shares': 'Teile der Geheimnisse anderer, die die Summe öffnen und kein einzelnes Update',
  withdrawal: 'Rücktritt von einer Runde',
  goodbye: 'Abschied',
  'model-request': 'Anfrage nach dem gemeinsamen Modell',
  'coded-model-request': 'Anfrage nach dem gemeinsamen Modell, komprimiert',
  'model-changes-request':
    'Anfrage, was sich am gemeinsamen Modell geändert hat; sie nennt den Stand, der auf diesem Gerät liegt',
  'upload-question': 'Frage, wie viel Ihres Modell-Updates ankam, bevor die Verbindung abbrach',
  update: 'Ihr Modell-Update',
  'rest-of-update': 'der Rest Ihres Modell-Updates, den die abgebrochene Verbindung übrig ließ',
  'masked-update': 'Ihr Modell-Update, maskiert',
  'rest-of-masked-update': 'der Rest Ihres maskierten Updates, den die abgebrochene Verbindung übrig ließ',
};
