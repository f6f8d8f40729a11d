/** Wörter des Formulars für einen neuen Lauf: zu jedem Feld des Manifests ein Name und eine schlichte Erklärung. */
import type { manifestForm as english } from '../en/manifest-form.ts';
import { count, plural } from '../figures.ts';
import { compressionForm } from './compression-form.ts';

const BELOW_ONE = '0 bis knapp unter 1.';

export const manifestForm: typeof english = {
  createTitle: 'Einen Lauf anlegen',
  startFrom: 'Ausgangspunkt',
  template: 'Vorlage',
  noTemplates: 'Der Koordinator bietet keine Vorlagen an.',
  copyOf: (name) => `${name} (Kopie)`,
  adaptationOf: (name) => `${name} (angepasst)`,
  editAs: 'Bearbeiten als',
  asForm: 'Formular',
  asJson: 'JSON',
  manifest: 'Manifest der Aufgabe (JSON)',
  notJson: (message) => `Das ist kein JSON: ${message}`,
  check: 'Prüfung',
  faults: (n) => plural(n, 'Feld passt nicht', 'Felder passen nicht'),
  valid: 'Das Manifest ist gültig.',
  createRun: 'Lauf anlegen',
  startsPaused: 'Der Lauf ist zunächst angehalten. Es geschieht nichts, bevor Sie ihn starten.',
  preset: (value) => `${value}, wenn leer`,
  fitModel: 'Modell an die Daten anpassen',

  layersImport: {
    choose: 'Ein TensorFlow.js-Modell übernehmen',
    hint: 'Wählen Sie model.json zusammen mit den Gewichtsdateien, oder ein Zip davon. Der Lauf beginnt dann mit diesen Gewichten.',
    taken: (parameters) => `Das Modell ist übernommen: ${count(parameters)} Parameter.`,
    refusals: {
      'model-file-invalid':
        'Das ist kein gespeichertes Layers-Modell. Wählen Sie model.json zusammen mit allen Gewichtsdateien, oder ein Zip davon.',
      'model-weights-invalid': 'Die Gewichte passen nicht zu den Schichten.',
      'model-unsupported': 'Diese Schichten lassen sich hier nicht trainieren.',
      'message-too-large': 'Dieses Modell ist zu groß.',
    },
  },

  forecast: {
    bytesPerParameter: 'Bytes je Parameter',
    uploadTime: 'Upload bei 1 Mbit/s',
    meanError: 'Fehler des Mittels',
    errors: (independent, halfAligned) =>
      `${independent}, wenn die Geräte nichts gemeinsam haben, ${halfAligned}, wenn es die Hälfte ist`,
    overflow: 'Überlauf eines Werts',
    never: 'nie',
    oneIn: (n) => `1 von ${count(n)}`,
    step: 'Schrittweite',
    stepOf: (step, isTuned) =>
      isTuned ? `${step} für Updates der angegebenen Länge; dann nach den Summen` : step,
    ring: 'Ring der Summen',
    bits: (bits) => plural(bits, 'Bit', 'Bits'),
    neighbours: 'Anteile gehen an',
    graphOf: ({ kind, degree }) =>
      kind === 'complete' ? `alle (${count(degree)} andere)` : plural(degree, 'Nachbarn', 'Nachbarn'),
    impossible:
      'keine Anordnung schützt eine Kohorte von der Größe des Ziels vor so vielen, die ausfallen oder sich verbünden',
    threshold: 'Anteile, die ein Geheimnis wiederherstellen',
    cohorts: 'Kohorten, die sich schützen lassen',
    none: 'keine',
    title: 'Was das verlangt',
    parameters: 'Parameter',
    frozen: 'Feste Parameter',
    base: 'Grundmodell, einmal je Gerät',
    update: 'Ein Update',
    invited: 'Eingeladen je Runde',
    down: 'Gesendet je Runde',
    up: 'Empfangen je Runde',
    whole: 'Ganzer Lauf',
    longest: 'Längste Runde',
    hint: 'Wenn alle Eingeladenen das Modell herunterladen und so viele Updates eintreffen, wie das Ziel sagt. Die längste Runde zählt ab dem Augenblick, in dem genügend Kandidaten da sind. Ein Grundmodell kommt hinzu, einmal für jedes Gerät.',
  },

  wish: {
    title: 'Nach Wunsch',
    hint: 'Sagen Sie, was ein Update kosten oder verlieren darf: Die Felder darunter werden ausgefüllt. Erfundene Updates werden wirklich codiert und addiert, um zu sehen, ob es hält.',
    kind: 'Wunsch',
    kinds: {
      bytes: 'höchstens so viele Bytes',
      none: 'kein messbarer Verlust',
      little: 'ein wenig Verlust',
    },
    bytes: 'Bytes je Parameter',
    bytesHelp: 'Für alles, was ein Gerät in einer Runde sendet. float32 braucht 4.',
    notBytes: 'Erwartet wird eine Zahl über 0.',
    find: 'Einen Plan suchen',
    searching: 'Pläne werden ausprobiert …',
    failed: 'Es fand sich kein Plan.',
    faulty: 'Modell, Runden und sichere Aggregation müssen zuerst stimmen.',
    found: (bytesPerParameter, error) =>
      `Ausgefüllt: ${bytesPerParameter} Bytes je Parameter, Fehler des Mittels ${error}.`,
    impossibleBytes: (bytesPerParameter) =>
      `Das ist hier nicht möglich. ${bytesPerParameter} Bytes je Parameter wären es.`,
    impossibleError: (error) => `Das ist hier nicht möglich. Ein Fehler von ${error} wäre es.`,
  },

  alphabets: {
    label: 'Übliche Alphabete',
    own: 'Ein anderes',
    named: (name, characters) => `${name} (${plural(characters, 'Zeichen', 'Zeichen')})`,
    names: {
      'lower-case': 'Kleinbuchstaben',
      english: 'Englischer Text',
      german: 'Deutscher Text',
      ascii: 'ASCII',
      'latin-1': 'Westeuropäische Bytes (Latin-1)',
    },
  },
  uploadBaseModel: 'Einen Frame hochladen',

  groups: {
    task: { title: 'Aufgabe', hint: 'Was Teilnehmende lesen, bevor sie sich entscheiden.' },
    data: {
      title: 'Daten',
      hint: 'Wie die privaten Beispiele der Teilnehmenden aussehen. Sie werden im Browser danach geprüft und bleiben dort.',
    },
    model: {
      title: 'Modell',
      hint: 'Was gemeinsam gelernt wird. Eingang und Ausgang müssen zu den Daten passen.',
    },
    training: {
      title: 'Training auf dem Gerät',
      hint: 'Was jedes Gerät in einer Runde tut, zwischen Herunterladen und Hochladen.',
    },
    rounds: { title: 'Runden', hint: 'Wie viele mitmachen, und wie lange auf sie gewartet wird.' },
    aggregation: { title: 'Zusammenfassen', hint: 'Wie aus den Updates das nächste Modell wird.' },
    privacy: {
      title: 'Privatsphäre',
      hint: 'Mit sicherer Aggregation erfährt der Koordinator nur die Summe einer Runde; ohne sie sieht er jedes Update. Rauschen kommt nicht hinzu. Die Teilnehmenden erfahren das.',
    },
    compression: {
      title: 'Kompression',
      hint: 'Wie ein Update ein Gerät verlässt und wie das Modell zu ihm kommt. Die Teilnehmenden erfahren, was dabei verloren geht.',
    },
    eligibility: { title: 'Zulassung', hint: 'Wer mitmachen darf.' },
  },

  fields: {
    name: { label: 'Name', help: 'Bis zu 120 Zeichen.' },
    description: {
      label: 'Beschreibung',
      help: 'Wozu es gut ist, in schlichten Worten. Bis zu 2.000 Zeichen.',
    },
    seed: {
      label: 'Startwert (Seed)',
      help: 'Ein beliebiger Text. Erste Parameter, Auswahl der Teilnehmenden und Reihenfolge der Beispiele folgen daraus.',
    },
    initialModel: {
      label: 'Erstes Modell (SHA-256)',
      help: 'Ein Modell eines Laufs von hier oder ein hochgeladener Frame, in den Größen oben. Leer: Der Startwert zieht eines.',
    },
    'data.kind': { label: 'Art der Beispiele', help: 'Bilder, Zeilen einer Tabelle oder Text.' },
    'data.height': { label: 'Höhe (Pixel)', help: '1 bis 1.024.' },
    'data.width': { label: 'Breite (Pixel)', help: '1 bis 1.024.' },
    'data.channels': { label: 'Kanäle', help: 'Grau oder Farbe.' },
    'data.labels': {
      label: 'Labels',
      help: 'Die Klassen, die zu unterscheiden sind, der Reihe nach, durch Kommas getrennt. Mindestens zwei.',
    },
    'data.labelColumn': { label: 'Label-Spalte', help: 'Name der Spalte, in der das Label steht.' },
    'data.alphabet': {
      label: 'Alphabet',
      help: 'Jedes Zeichen, das vorkommen kann. Andere werden zum ersten.',
    },
    'data.sequenceLength': { label: 'Länge der Folge (Zeichen)', help: 'Wie viel Text ein Beispiel ist.' },
    'model.kind': { label: 'Art des Modells', help: 'Vom einfachsten bis zu eigenen Schichten.' },
    'model.inputSize': { label: 'Eingänge', help: 'Zahlen je Beispiel, z. B. 784 für 28 x 28 Pixel.' },
    'model.classes': { label: 'Klassen', help: 'So viele, wie die Daten Labels haben.' },
    'model.hidden': {
      label: 'Verdeckte Schichten (Einheiten)',
      help: 'Einheiten jeder Schicht, durch Kommas getrennt, z. B. 200, 200.',
    },
    'model.height': { label: 'Höhe (Pixel)', help: '4 bis 1.024.' },
    'model.width': { label: 'Breite (Pixel)', help: '4 bis 1.024.' },
    'model.channels': { label: 'Kanäle', help: '1 für Grau, 3 für Farbe.' },
    'model.vocabularySize': { label: 'Zeichenvorrat', help: 'So viele Zeichen, wie das Alphabet hat.' },
    'model.sequenceLength': { label: 'Länge der Folge (Zeichen)', help: 'So lang wie die Beispiele.' },
    'model.units': { label: 'Einheiten', help: 'Breite der rekurrenten Schicht.' },
    'model.stemFilters': { label: 'Filter der ersten Schicht', help: 'Eine Faltung über 3 x 3 Pixel.' },
    'model.blocks.separable': {
      label: 'Blöcke (Filter)',
      help: 'Je Block, durch Kommas getrennt; /2, wo er das Bild halbiert, z. B. 32/2, 64/2, 64.',
    },
    'model.width.features': { label: 'Breite', help: 'Zahlen je Zeichen. Ein Vielfaches der Köpfe.' },
    'model.heads': { label: 'Köpfe', help: 'Jeder Aufmerksamkeitsschicht.' },
    'model.blocks': { label: 'Blöcke', help: 'Wie viele, einer nach dem anderen.' },
    'model.adaptation.kind': {
      label: 'Anpassung',
      help: 'Adapter trainieren neben einem fertigen Modell, das bleibt, wie es ist; nur sie werden gesendet.',
    },
    'model.adaptation.rank': { label: 'Rang', help: 'Breite der Adapter. Üblich sind 4 bis 16.' },
    'model.adaptation.scale': { label: 'Gewicht', help: 'Wie sehr die Adapter zählen: Alpha / Rang.' },
    'model.adaptation.trains': {
      label: 'Was davon trainiert',
      help: 'Mit B allein wird ein Drittel weniger gesendet, und beim Mitteln geht nichts verloren.',
    },
    'model.adaptation.baseModel': {
      label: 'Grundmodell (Hash)',
      help: 'Ein Modell eines Laufs hier oder ein hochgeladener Frame, in den Größen von oben. Jedes Gerät lädt es einmal.',
    },
    'model.inputShape': { label: 'Form des Eingangs', help: 'Z. B. 28, 28, 1.' },
    'model.topology': { label: 'Aufbau (JSON)', help: 'model_topology eines TensorFlow.js-Layers-Modells.' },
    'model.parameterShapes': {
      label: 'Formen der Parameter (JSON)',
      help: 'In der Reihenfolge von trainableWeights, z. B. [[784, 10], [10]].',
    },
    'training.epochs': {
      label: 'Durchgänge (Epochen)',
      help: 'Wie oft ein Gerät in einer Runde seine Beispiele durchgeht.',
    },
    'training.batchSize': { label: 'Stapelgröße (Beispiele)', help: 'Beispiele je Schritt.' },
    'training.maximumExamples': {
      label: 'Höchstens so viele Beispiele',
      help: 'Je Runde und Gerät; die übrigen warten auf eine andere Runde.',
    },
    'training.optimiser.kind': { label: 'Optimierer', help: 'Wie ein Gerät bergab geht.' },
    'training.optimiser.learningRate': { label: 'Lernrate', help: 'Größe eines Schrittes. Über 0.' },
    'training.optimiser.momentum': { label: 'Momentum', help: BELOW_ONE },
    'training.optimiser.beta1': { label: 'Beta 1', help: `Gedächtnis des Mittels. ${BELOW_ONE}` },
    'training.optimiser.beta2': { label: 'Beta 2', help: `Gedächtnis der Streuung. ${BELOW_ONE}` },
    'training.optimiser.epsilon': { label: 'Epsilon', help: 'Verhindert eine Teilung durch null.' },
    'training.exampleClipping.clippingNorm': {
      label: 'Größte Länge des Gradienten eines Beispiels (L2-Norm)',
      help: 'Längere werden verkürzt, bevor sie das Modell bewegen. Rauschen kommt nicht hinzu: Das allein schützt niemanden. Leer: keine Grenze.',
    },
    'training.exampleClipping.microbatchSize': {
      label: 'Mikrostapel (Beispiele)',
      help: 'So viele Beispiele werden gemittelt und gemeinsam begrenzt. 1 begrenzt jedes für sich.',
    },
    'training.dataEchoing.maximumFactor': {
      label: 'Beispiele beim Lesen wiederholen (Mal)',
      help: 'Wo das Lesen großer Datensätze langsamer ist als das Training, wird ein Beispiel bis zu so oft trainiert. 2 bis 16. Leer: nie.',
    },
    'training.precision': {
      label: 'Genauigkeit',
      help: 'Gemischt braucht auf einer GPU die Hälfte des Speichers. Geräte, die das nicht können, trainieren in float32.',
    },
    'rounds.committedRounds': {
      label: 'Abzuschließende Runden',
      help: 'Nach so vielen ist der Lauf fertig.',
    },
    'rounds.reportGoal': { label: 'Ziel (Updates)', help: 'Wie viele Updates eine Runde annehmen will.' },
    'rounds.minimumSurvivors': {
      label: 'Mindestens so viele',
      help: 'Eine Runde mit weniger angenommenen Updates wird abgebrochen. Höchstens das Ziel.',
    },
    'rounds.overSelection': {
      label: 'Überauswahl (Faktor)',
      help: 'Lädt mehr ein als das Ziel, weil manche gehen werden. 1 bis 10.',
    },
    'rounds.selectionSeconds': {
      label: 'Auswahl (Sekunden)',
      help: 'So lange wird höchstens auf weitere Kandidaten gewartet, sobald das Minimum da ist.',
    },
    'rounds.trainingSeconds': {
      label: 'Training (Sekunden)',
      help: 'So lange wird höchstens auf das Training der Geräte gewartet.',
    },
    'rounds.reportingSeconds': {
      label: 'Eintreffen (Sekunden)',
      help: 'So lange wird höchstens auf Updates gewartet.',
    },
    'rounds.rejoinSeconds': {
      label: 'Frist zur Rückkehr (Sekunden)',
      help: 'Wie lange ein Gerät wegbleiben darf, dessen Verbindung abriss.',
    },
    'rounds.comeBackSeconds': {
      label: 'Wiederkommen nach (Sekunden)',
      help: 'Was Geräten gesagt wird, wenn es für sie nichts zu tun gibt.',
    },
    'aggregation.weighting': {
      label: 'Gewicht eines Updates',
      help: 'Nach Zahl der Beispiele, oder alle gleich.',
    },
    'aggregation.maximumWeight': {
      label: 'Höchstes Gewicht',
      help: 'Kein Gerät zählt für mehr Beispiele als so viele.',
    },
    'aggregation.valueBound': {
      label: 'Größter Wert',
      help: 'Ein Update mit einem einzigen Wert jenseits davon, nach oben oder unten, wird abgelehnt.',
    },
    'aggregation.serverOptimiser.kind': {
      label: 'Optimierer des Servers',
      help: 'SGD mit Lernrate 1 ist einfaches Mitteln (FedAvg).',
    },
    'aggregation.serverOptimiser.learningRate': { label: 'Lernrate', help: 'Des Servers. Über 0.' },
    'aggregation.serverOptimiser.momentum': { label: 'Momentum', help: BELOW_ONE },
    'aggregation.serverOptimiser.beta1': { label: 'Beta 1', help: `Gedächtnis des Mittels. ${BELOW_ONE}` },
    'aggregation.serverOptimiser.beta2': { label: 'Beta 2', help: `Gedächtnis der Streuung. ${BELOW_ONE}` },
    'aggregation.serverOptimiser.tau': { label: 'Tau', help: 'Verhindert eine Teilung durch null.' },
    'privacy.clippingNorm': {
      label: 'Höchste Länge (L2-Norm)',
      help: 'Längere Updates werden auf diese Länge verkürzt, bevor sie das Gerät verlassen. Leer: keine Grenze.',
    },
    'privacy.mode': { label: 'Rauschen', help: 'Vorerst nur „keines“.' },
    'secureAggregation.mode': {
      label: 'Sichere Aggregation',
      help: 'SA-1: Updates werden so maskiert, dass sich nur die Summe über die Kohorte einer Runde öffnen lässt.',
    },
    'secureAggregation.corruptFraction': {
      label: 'Korrupt höchstens (Anteil)',
      help: 'Welcher Teil einer Kohorte mit dem Koordinator zusammenarbeiten darf. Von 0 bis unter 1.',
    },
    'secureAggregation.dropoutFraction': {
      label: 'Ausfall höchstens (Anteil)',
      help: 'Welcher Teil einer geschlossenen Kohorte ausfallen darf. Ist es mehr, kann die Runde abgebrochen werden.',
    },
    'secureAggregation.adversary': {
      label: 'Koordinator',
      help: 'Halb bösartig: Er darf verschiedenen Personen Verschiedenes sagen. Braucht mehr Anteile.',
    },
    'secureAggregation.graph': {
      label: 'Wer mit wem teilt',
      help: 'Vollständig: alle mit allen. Automatisch: in großen Kohorten nur mit einigen Nachbarn.',
    },
    'secureAggregation.stageSeconds': {
      label: 'Stufen (Sekunden)',
      help: 'Wie lange in jeder Stufe der Summe höchstens gewartet wird, außer auf Uploads.',
    },
    ...compressionForm.fields,
    'eligibility.minimumExamples': {
      label: 'Mindestens so viele Beispiele',
      help: 'Ein Gerät mit weniger wird nicht eingelassen.',
    },
  },

  choices: {
    'data.kind.image': 'Bilder',
    'data.kind.tabular': 'Tabellenzeilen',
    'data.kind.text': 'Text',
    'data.channels.1': '1 (grau)',
    'data.channels.3': '3 (Farbe)',
    'model.kind.softmax-regression': 'Softmax-Regression',
    'model.kind.mlp': 'Mehrschichtiges Perzeptron',
    'model.kind.mcmahan-cnn': 'Faltungsnetz (McMahan)',
    'model.kind.separable-cnn': 'Separierbares Faltungsnetz',
    'model.kind.char-transformer': 'Zeichenweise (Transformer)',
    'model.adaptation.kind.none': 'Keine: Alles trainiert',
    'model.adaptation.kind.lora': 'Adapter (LoRA)',
    'model.adaptation.trains.both': 'Beide Faktoren',
    'model.adaptation.trains.b': 'Nur B (FFA-LoRA)',
    'model.kind.char-gru': 'Zeichenweise (GRU)',
    'model.kind.layers': 'Eigene Schichten (TensorFlow.js)',
    'training.optimiser.kind.sgd': 'SGD',
    'training.optimiser.kind.momentum': 'SGD mit Momentum',
    'training.optimiser.kind.adam': 'Adam',
    'training.precision.float32': 'float32',
    'training.precision.mixed': 'Gemischt',
    'aggregation.weighting.examples': 'nach Beispielen',
    'aggregation.weighting.equal': 'alle gleich',
    'aggregation.serverOptimiser.kind.sgd': 'SGD (Mitteln)',
    'aggregation.serverOptimiser.kind.adam': 'Adam (FedAdam)',
    'privacy.mode.none': 'keines',
    'secureAggregation.mode.off': 'aus',
    'secureAggregation.mode.sa-1': 'an (SA-1)',
    'secureAggregation.adversary.semi-honest': 'halb ehrlich',
    'secureAggregation.adversary.semi-malicious': 'halb bösartig',
    'secureAggregation.graph.auto': 'automatisch',
    'secureAggregation.graph.complete': 'vollständig',
    ...compressionForm.choices,
  },

  columns: {
    title: 'Spalten',
    name: 'Name',
    kind: 'Art',
    kinds: { number: 'Zahl', category: 'Kategorie' },
    mean: 'Mittelwert',
    deviation: 'Standardabweichung',
    categories: 'Werte, durch Kommas getrennt',
    add: 'Spalte hinzufügen',
    remove: (name) => `Spalte ${name} entfernen`,
  },
};
