/** Wörter des Dashboards, ohne das Formular für einen neuen Lauf. */
import type { AbandonReason, DropReason, SecureSumRecord, SecureSumStage } from '@tributary/fl-core';
import type { admin as english } from '../en/admin.ts';
import { count, duration, plural } from '../figures.ts';

const rounds = (n: number) => plural(n, 'Runde', 'Runden');
const devices = (n: number) => plural(n, 'Gerät', 'Geräte');

export const admin: typeof english = {
  admin: {
    thisDevice: 'Dieses Gerät',
    title: 'Dashboard',
    loginTitle: 'Anmeldung für Betreibende',
    loginHint:
      'Der Koordinator hat beim ersten Start ein Zugangstoken ausgegeben. `npm run tributary -- token` macht ein neues.',
    token: 'Zugangstoken',
    login: 'Anmelden',
    loginFailed: 'Dieses Zugangstoken gilt hier nicht.',
    sessionExpired:
      'Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an; Sie kommen dorthin zurück, wo Sie waren.',
    logOut: 'Abmelden',
    loggedInAs: (name, role) => `${name} (${role})`,
    roles: { viewer: 'Einblick', operator: 'Betrieb', owner: 'Verantwortung' },
    offline:
      'Der Koordinator antwortet nicht. Sie sehen den letzten bekannten Stand; diese Seite fragt weiter nach.',
    noAnswer: 'Der Koordinator ist nicht zu erreichen, oder in ihm ist etwas schiefgegangen.',
    onlyOperators:
      'Sie dürfen diesen Lauf ansehen. Um ihn zu steuern, Leute einzuladen oder Läufe anzulegen, braucht man die Rolle Betrieb oder Verantwortung.',
    onlyOwners: 'Nur wer die Rolle Verantwortung hat, sieht und bestimmt, wer diesen Koordinator betreibt.',

    runs: 'Läufe',
    allRuns: 'Alle Läufe',
    noRuns:
      'Noch keine Läufe. Legen Sie einen aus einer Vorlage an; er ist zunächst angehalten, es geschieht also nichts, bevor Sie ihn starten.',
    create: 'Neuer Lauf',
    clone: 'Kopieren',
    name: 'Name',
    status: 'Zustand',
    isNew: 'neu',
    rounds: 'Runden',
    present: 'Anwesend',
    accuracy: 'Genauigkeit',
    created: 'Angelegt',
    runGone: 'Diesen Lauf gibt es nicht.',
    runViewsLabel: 'Ansichten dieses Laufs',
    runViews: {
      overview: 'Überblick',
      rounds: 'Runden',
      model: 'Modell',
      invites: 'Einladungen',
      log: 'Protokoll',
    },

    actions: {
      launch: 'Starten',
      pause: 'Nach dieser Runde anhalten',
      resume: 'Fortsetzen',
      stop: 'Beenden',
    },
    stopQuestion:
      'Diesen Lauf beenden? Ein beendeter Lauf lässt sich nicht fortsetzen. Die Teilnehmenden erfahren, dass er vorbei ist; die laufende Runde wird abgebrochen. Das Modell der letzten abgeschlossenen Runde bleibt und kann heruntergeladen werden.',
    stopYes: 'Lauf beenden',
    cancel: 'Abbrechen',
    rollBack: 'Hierher zurück',
    rollBackTo: (round) => `Zurück zu Runde ${count(round)}`,
    rollBackToStart: 'Zurück zum ersten Modell',
    rollBackHint:
      'Der Lauf kann von einem früheren Modell aus weitergehen: Wählen Sie die Runde, zu der er zurückgehen soll.',
    rollBackWhenPaused: 'Um zu einem früheren Modell zurückzugehen, halten Sie den Lauf zuerst an.',
    rollBackQuestion: (round, leftBehind) =>
      `Mit ${round === 0 ? 'dem ersten Modell' : `dem Modell von Runde ${count(round)}`} weitermachen? ${plural(leftBehind, 'spätere Runde bleibt', 'spätere Runden bleiben')} zurück: Aufzeichnungen und Modelle sind weiter einzusehen, aber die nächste Runde baut nicht mehr darauf auf. Der Lauf bleibt angehalten, bis Sie ihn fortsetzen.`,
    rollBackYes: 'Zurückgehen',
    leftBehind: 'zurückgelassen',

    log: 'Wer diesen Lauf gesteuert hat',
    noLog: 'Noch niemand hat diesen Lauf gesteuert.',
    when: 'Wann',
    who: 'Wer',
    did: 'Was',
    detail: 'Einzelheit',
    logActions: {
      create: 'hat den Lauf angelegt',
      launch: 'hat ihn gestartet',
      pause: 'hat ihn angehalten',
      resume: 'hat ihn fortgesetzt',
      stop: 'hat ihn beendet',
      rollback: 'ist zu einem früheren Modell zurückgegangen',
      invite: 'hat eine Einladung gemacht',
      'revoke-invite': 'hat eine Einladung widerrufen',
    },

    invite: 'Teilnehmende einladen',
    inviteHint:
      'Wer einen Einladungslink hat, kann teilnehmen, bis er abläuft. Das Ticket steht in dem Teil der Adresse, den Browser nicht verschicken.',
    inviteRunOver: 'Dieser Lauf ist vorbei und nimmt niemanden mehr auf.',
    inviteLabel: 'Bezeichnung',
    inviteLabelHint: 'Für Sie, um Links auseinanderzuhalten.',
    inviteValidity: 'Gültig für',
    inviteValidityHint: 'Wer bis dahin dabei ist, bleibt dabei.',
    inviteDevices: 'Höchstens so viele Geräte',
    inviteDevicesHint: 'Leer für beliebig viele.',
    inviteDevicesFault: 'Eine ganze Zahl von 1 bis 1.000.000, oder nichts.',
    forHours: (hours) =>
      hours < 24
        ? plural(hours, 'Stunde', 'Stunden')
        : hours < 24 * 365
          ? plural(hours / 24, 'Tag', 'Tage')
          : 'ein Jahr',
    makeInvite: 'Einladungslink machen',
    joinLink: 'Einladungslink',
    linkOf: (name) => `Link: ${name}`,
    copy: 'Kopieren',
    copied: 'Kopiert',
    invites: 'Einladungslinks',
    noInvites: 'Für diesen Lauf gibt es noch keinen Einladungslink.',
    unnamedInvite: (when) => `Gemacht am ${when}`,
    devicesJoined: (n, maximum) =>
      maximum === null ? `${devices(n)} dabei` : `${count(n)} von ${count(maximum)} Geräten dabei`,
    expires: (when) => `gültig bis ${when}`,
    expiredAt: (when) => `abgelaufen am ${when}`,
    revokedAt: (when) => `widerrufen am ${when}`,
    revoke: 'Widerrufen',
    revokeQuestion: (name) =>
      `„${name}“ widerrufen? Über diesen Link kann dann niemand mehr dazukommen. Geräte, die schon dabei sind, bleiben es.`,
    revokeYes: 'Link widerrufen',
    qrCode: 'QR-Code',
    qrCodeOf: (name) => `QR-Code des Einladungslinks: ${name}`,
    addresses: 'Wo dieser Koordinator zu finden ist',
    tlsKinds: {
      none: 'Ohne TLS. Auf anderen Adressen als localhost schalten Browser dann den Grafikprozessor und einen Teil der Verschlüsselung ab, und wer unterwegs mithört, könnte alles lesen und ändern. `--tls self-signed` hilft.',
      files: 'Mit einem Zertifikat aus Dateien.',
      'self-signed': 'Mit einem Zertifikat, das dieser Koordinator selbst unterschrieben hat.',
    },
    fingerprint: 'SHA-256-Fingerabdruck des Zertifikats',
    fingerprintHint:
      'Browser warnen beim ersten Besuch vor diesem Zertifikat. Schreiben Sie Adresse und Fingerabdruck an die Tafel: Die Teilnehmenden vergleichen ihn mit dem, den ihr Browser zeigt, bevor sie weitergehen.',

    downloadModel: 'Modell herunterladen',
    modelOfRound: 'Welches Modell',
    newestModel: 'Das neueste',
    download: 'Herunterladen',
    downloadAs: (format) => `Herunterladen: ${format}`,
    adapt: {
      title: 'Mit diesem Modell weitermachen',
      hint: 'Ein Lauf, der Adapter neben diesem Modell trainiert, das bleibt, wie es ist: für andere Daten, mit Updates von einem Bruchteil der Größe.',
      begin: 'Dieses Modell anpassen',
    },
    formats: {
      tfjs: {
        title: 'TensorFlow.js-Layers-Modell',
        hint: 'Für Webseiten und Node: Aufbau und Gewichte, wie tf.loadLayersModel sie liest.',
      },
      onnx: {
        title: 'ONNX',
        hint: 'Für ONNX Runtime und andere, in jeder Sprache: von der Eingabe zu Wahrscheinlichkeiten in einer Datei.',
      },
      safetensors: {
        title: 'safetensors',
        hint: 'Für Python: eine Datei benannter Tensoren, wie PyTorch, JAX und andere sie lesen.',
      },
      adapters: {
        title: 'Adapter',
        hint: 'Nur was dieser Lauf trainiert hat, als safetensors; ONNX und safetensors enthalten auch das Grundmodell.',
      },
      frame: {
        title: 'Frame',
        hint: 'Die Binärform von Tributary, wie Teilnehmende sie herunterladen.',
      },
    },
    modelCard: 'Modellkarte',
    downloadCard: 'Karte herunterladen',

    people: 'Leute',
    operators: 'Wer diesen Koordinator betreibt',
    role: 'Rolle',
    roleHints: {
      viewer: 'Sieht Läufe an und lädt Kurven und Modelle herunter.',
      operator: 'Legt auch Läufe an, steuert sie und lädt Teilnehmende ein.',
      owner: 'Bestimmt auch, wer den Koordinator betreibt, und entzieht den Zugang.',
    },
    you: 'Sie',
    lastSeen: 'Zuletzt gesehen',
    never: 'nie',
    access: 'Zugang',
    newOperator: 'Jemanden hinzufügen',
    operatorNameHint: 'Erscheint im Protokoll dessen, was getan wurde.',
    createOperator: 'Hinzufügen und Zugangstoken machen',
    tokenFor: (name) => `Zugangstoken für ${name}`,
    tokenOnce:
      'Geben Sie es jetzt weiter, auf einem Weg, dem Sie trauen: Es wird nur dieses eine Mal gezeigt, und der Koordinator behält keine lesbare Kopie.',
    loginLink: 'Anmeldelink',
    tokenRead: 'Ich habe es weitergegeben',
    newToken: 'Neues Zugangstoken',
    newTokenQuestion: (name) =>
      `Ein neues Zugangstoken für ${name} machen? Das alte und jede damit geöffnete Sitzung enden sofort.`,
    newTokenYes: 'Neues Zugangstoken machen',
    remove: 'Entfernen',
    removeQuestion: (name) =>
      `${name} entfernen? Das Zugangstoken und jede damit geöffnete Sitzung enden sofort.`,
    removeYes: 'Entfernen',

    now: 'Diese Runde',
    noRound: 'Gerade läuft keine Runde.',
    roundOf: (round) => `Runde ${count(round)}`,
    closesIn: (seconds) => (seconds <= 0 ? 'schließt jetzt' : `noch höchstens ${duration(seconds)}`),
    noClock: 'wartet, bis genügend Teilnehmende da sind',
    phases: {
      selecting: 'Kandidaten sammeln sich',
      training: 'Teilnehmende trainieren',
      cohortClosed: 'Kohorte wird festgelegt',
      sharing: 'Geheimnisse werden geteilt',
      reporting: 'Updates treffen ein',
      confirming: 'Wer übrig ist, wird bestätigt',
      unmasking: 'Anteile werden aufgedeckt',
      aggregating: 'Nächstes Modell wird berechnet',
      committed: 'Abgeschlossen',
      abandoned: 'Abgebrochen',
    },
    timeline: 'Wo die Zeit bleibt',
    funnel: 'Trichter',
    overall: (committed, abandoned) =>
      abandoned === 0
        ? `Bisher ${rounds(committed)}`
        : `Bisher ${rounds(committed)}, dazu ${count(abandoned)} abgebrochen`,
    candidates: 'Kandidaten',
    invited: 'eingeladen',
    trained: 'trainiert',
    accepted: 'angenommen',
    droppedOut: 'Ausgeschieden:',
    dropReasons: {
      left: 'gegangen',
      'away-too-long': 'zu lange weg',
      'deadline-passed': 'zu spät',
      'cohort-full': 'Kohorte war voll',
      'update-refused': 'Update abgelehnt',
      'secure-sum-faulty': 'Fehler in der sicheren Summe',
      withdrew: 'konnte nicht fertig werden',
    } satisfies Record<DropReason, string> as Readonly<Record<string, string>>,
    goal: (goal, minimum) => `Ziel ${count(goal)}, mindestens ${count(minimum)}`,
    traffic: (up, down) => `${up} empfangen, ${down} gesendet in beendeten Runden`,

    secureSum: {
      title: 'Sichere Summe',
      cohort: 'Kohorte',
      stages: {
        sharing: 'haben ihre Geheimnisse geteilt',
        masking: 'haben maskiert gesendet',
        confirming: 'haben bestätigt, wer übrig ist',
        revealing: 'haben Anteile aufgedeckt',
      } satisfies Record<SecureSumStage, string>,
      underWay: 'läuft',
      of: (members, cohort) => `${count(members)} von ${count(cohort)}`,
      minimum: (survivors) =>
        `Der Strich zeigt, wie viele mindestens summiert werden: ${count(survivors)}. Sind es weniger, wird nichts aufgedeckt.`,
      graphOf: ({ graph, degree, shareThreshold }) =>
        `${graph === 'complete' ? 'Alle teilen mit allen' : `Jeder teilt mit ${plural(degree, 'Nachbarn', 'Nachbarn')}`}; ${plural(shareThreshold, 'Anteil stellt', 'Anteile stellen')} ein Geheimnis wieder her.`,
      inSum: 'In der Summe',
      labels: {
        'curious server': {
          name: 'Neugieriger Server',
          means:
            'Ein Koordinator, der sich an das Protokoll hält, erfährt nur die Summe, und wer wann teilnahm. Einer, der lügt, ist nicht ausgeschlossen.',
        },
        'active server': {
          name: 'Aktiver Server',
          means:
            'Auch ein Koordinator, der darüber lügt, wer ausfiel, erfährt nur Summen, sofern Code und Identitäten festgeschrieben sind.',
        },
      } satisfies Record<SecureSumRecord['label'], { name: string; means: string }>,
    },

    curves: 'Lernkurven',
    noCurves: 'Kurven erscheinen nach der ersten abgeschlossenen Runde.',
    validationAccuracy: 'Validierungsdaten',
    participantAccuracy: 'Eigene Daten der Teilnehmenden',
    validationLoss: 'Validierungsdaten',
    soloAccuracy: 'Bester allein',
    accuracyChart: 'Genauigkeit nach Runde',
    lossChart: 'Verlust nach Runde',
    chartSummary: (label, first, last, round) =>
      `${label}: von ${first} auf ${last} in Runde ${count(round)}.`,
    smoothing: 'Glättung',
    logarithmicLoss: 'Verlust logarithmisch',
    leftBehindHint:
      'Gepunktet: Runden, die zurückgelassen wurden, als der Lauf zu einem früheren Modell zurückging.',
    goBackByCurve: 'Der Lauf ruht: Ein Klick auf eine Runde in einer Kurve führt zu ihr zurück.',
    curvesAsTable: 'Die Werte als Tabelle zeigen',
    accuracyOnValidation: 'Genauigkeit, Validierungsdaten',
    accuracyOnOwn: 'Genauigkeit, eigene Daten der Teilnehmenden',
    lossOnValidation: 'Verlust, Validierungsdaten',
    saveCsv: 'Als CSV sichern',
    savePicture: 'Als PNG sichern',

    participants: 'Teilnehmende',
    noParticipants: 'Niemand ist da. Laden Sie jemanden ein, oder warten Sie, bis sie wiederkommen.',
    participantColumns: {
      label: 'Gerät',
      backend: 'Rechnet mit',
      exampleCount: 'Beispiele',
      stage: 'Stand',
      progress: 'Fortschritt',
      examplesPerSecond: 'Beispiele / s',
      acceptedUpdates: 'Angenommen',
    },
    undecided: 'noch nicht gewählt',
    stages: {
      waiting: 'wartet',
      training: 'trainiert',
      ready: 'bereit',
      reported: 'Update eingetroffen',
      dropped: 'ausgeschieden',
    },
    showMore: (n) => `Mehr von den ${count(n)} übrigen zeigen`,

    roundsTable: 'Beendete Runden',
    noRounds: 'Noch ist keine Runde zu Ende.',
    outcome: 'Ausgang',
    outcomes: { committed: 'abgeschlossen', abandoned: 'abgebrochen' },
    reasons: {
      'too-few-ready': 'zu wenige bereit',
      'too-few-survivors': 'zu wenige Updates',
      stopped: 'beendet',
      'aggregation-failed': 'ließ sich nicht zusammenfassen',
      'sum-wrapped': 'die Summe passte nicht hinein; der Schritt wächst',
      'sum-too-coarse': 'ging im Runden unter; der Schritt schrumpft',
    } satisfies Record<AbandonReason, string>,
    seconds: 'Dauer',
    up: 'Empfangen',
    down: 'Gesendet',
    upPerParameter: 'Empfangen je Parameter (Bytes)',
    downPerParameter: 'Gesendet je Parameter (Bytes)',
    sum: {
      step: 'Schrittweite',
      nearEdge: 'Nahe am Rand',
      alarms: {
        raised: 'mehr als geplant: die Schrittweite wächst',
        severe: 'übergelaufen: nicht verwendet',
        coarse: 'kleiner als ihre Rundung: nicht verwendet',
      },
    },
  },
};
