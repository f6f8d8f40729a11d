/** Words of the form for a new run: one label and one plain explanation for each field of the manifest. */
import type { AlphabetName } from '@tributary/fl-core';
import type { SharingGraph } from '@tributary/privacy';
import { count, plural } from '../figures.ts';
import { compressionForm } from './compression-form.ts';

export const manifestForm = {
  createTitle: 'Create a run',
  startFrom: 'Start from',
  template: 'Template',
  noTemplates: 'The coordinator offers no templates.',
  copyOf: (name: string) => `${name} (copy)`,
  adaptationOf: (name: string) => `${name} (adapted)`,
  editAs: 'Edit as',
  asForm: 'Form',
  asJson: 'JSON',
  manifest: 'Task manifest (JSON)',
  notJson: (message: string) => `This is not JSON: ${message}`,
  check: 'Check',
  faults: (n: number) => plural(n, 'field does not fit', 'fields do not fit'),
  valid: 'The manifest is valid.',
  createRun: 'Create run',
  startsPaused: 'The run starts paused. Nothing happens before you launch it.',
  preset: (value: string) => `${value} if empty`,
  fitModel: 'Fit the model to the data',

  layersImport: {
    choose: 'Take a TensorFlow.js model',
    hint: 'Choose model.json together with its weight files, or a zip of them. The run then begins with these weights.',
    taken: (parameters: number) => `The model is taken: ${count(parameters)} parameters.`,
    refusals: {
      'model-file-invalid':
        'This is not a saved layers model. Choose model.json together with all of its weight files, or a zip of them.',
      'model-weights-invalid': 'The weights do not fit the layers.',
      'model-unsupported': 'These layers cannot be trained here.',
      'message-too-large': 'This model is too large.',
    },
  },

  forecast: {
    bytesPerParameter: 'Bytes per parameter',
    uploadTime: 'Upload at 1 Mbit/s',
    meanError: 'Error of the mean',
    errors: (independent: string, halfAligned: string) =>
      `${independent} where devices have nothing in common, ${halfAligned} where they have half`,
    overflow: 'Overflow of a value',
    never: 'never',
    oneIn: (n: number) => `1 in ${count(n)}`,
    step: 'Step',
    stepOf: (step: string, isTuned: boolean) =>
      isTuned ? `${step} for updates of the given length; then as the sums ask for` : step,
    ring: 'Ring of the sums',
    bits: (bits: number) => plural(bits, 'bit', 'bits'),
    neighbours: 'Shares go to',
    graphOf: ({ kind, degree }: SharingGraph) =>
      kind === 'complete' ? `everybody (${count(degree)} others)` : plural(degree, 'neighbour', 'neighbours'),
    impossible: 'no arrangement protects a cohort of the report goal from so many who drop out or collude',
    threshold: 'Shares that rebuild a secret',
    cohorts: 'Cohorts that can be protected',
    none: 'none',
    title: 'What this asks for',
    parameters: 'Parameters',
    frozen: 'Frozen parameters',
    base: 'Base model, once per device',
    update: 'One update',
    invited: 'Invited per round',
    down: 'Sent per round',
    up: 'Received per round',
    whole: 'Whole run',
    longest: 'Longest round',
    hint: 'If every invited participant downloads the model, and as many updates arrive as the report goal. The longest round counts from when enough candidates are here. A base model comes on top, once for each device.',
  },

  wish: {
    title: 'By wish',
    hint: 'Say what an update may cost or lose: the fields below are filled in. Made-up updates are really coded and summed to see whether it holds.',
    kind: 'Wish',
    kinds: {
      bytes: 'at most so many bytes',
      none: 'no measurable loss',
      little: 'a little loss',
    },
    bytes: 'Bytes per parameter',
    bytesHelp: 'Of all that a device sends in a round. float32 takes 4.',
    notBytes: 'Expected a number above 0.',
    find: 'Find a plan',
    searching: 'Trying plans…',
    failed: 'No plan was found.',
    faulty: 'Model, rounds and secure aggregation must be sound first.',
    found: (bytesPerParameter: string, error: string) =>
      `Filled in: ${bytesPerParameter} bytes per parameter, error of the mean ${error}.`,
    impossibleBytes: (bytesPerParameter: string) =>
      `That is not possible here. ${bytesPerParameter} bytes per parameter would be.`,
    impossibleError: (error: string) => `That is not possible here. An error of ${error} would be.`,
  },

  alphabets: {
    label: 'Usual alphabets',
    own: 'Another',
    named: (name: string, characters: number) => `${name} (${plural(characters, 'character', 'characters')})`,
    names: {
      'lower-case': 'Lower-case letters',
      english: 'English text',
      german: 'German text',
      ascii: 'ASCII',
      'latin-1': 'Western European bytes (Latin-1)',
    } satisfies Record<AlphabetName, string>,
  },
  uploadBaseModel: 'Upload a frame',

  groups: {
    task: { title: 'Task', hint: 'What participants read before they decide.' },
    data: {
      title: 'Data',
      hint: 'What the private examples of each participant look like. They are checked against this in the browser and stay there.',
    },
    model: { title: 'Model', hint: 'What is learnt together. Its input and output must fit the data.' },
    training: {
      title: 'Local training',
      hint: 'What each device does in a round, between download and upload.',
    },
    rounds: { title: 'Rounds', hint: 'How many take part, and how long they are waited for.' },
    aggregation: { title: 'Aggregation', hint: 'How the updates become the next model.' },
    privacy: {
      title: 'Privacy',
      hint: 'With secure aggregation the coordinator learns the sum of a round only; without it, it sees each update. No noise is added. Participants are told so.',
    },
    compression: {
      title: 'Compression',
      hint: 'How an update leaves a device, and how the model comes to it. Participants are told what is lost on the way.',
    },
    eligibility: { title: 'Eligibility', hint: 'Who may take part.' },
  },

  fields: {
    name: { label: 'Name', help: 'Up to 120 characters.' },
    description: { label: 'Description', help: 'What it is for, in plain words. Up to 2,000 characters.' },
    seed: {
      label: 'Seed',
      help: 'Any text. First parameters, sampling of participants and order of examples follow from it.',
    },
    initialModel: {
      label: 'First model (SHA-256)',
      help: 'A model of a run here, or an uploaded frame, of the sizes above. Empty: the seed draws one.',
    },
    'data.kind': { label: 'Kind of examples', help: 'Pictures, rows of a table, or text.' },
    'data.height': { label: 'Height (pixels)', help: '1 to 1,024.' },
    'data.width': { label: 'Width (pixels)', help: '1 to 1,024.' },
    'data.channels': { label: 'Channels', help: 'Grey or colour.' },
    'data.labels': {
      label: 'Labels',
      help: 'The classes to tell apart, in order, separated by commas. At least two.',
    },
    'data.labelColumn': { label: 'Label column', help: 'Name of the column that holds the label.' },
    'data.alphabet': {
      label: 'Alphabet',
      help: 'Every character that can occur. Others become the first one.',
    },
    'data.sequenceLength': {
      label: 'Sequence length (characters)',
      help: 'How much text makes one example.',
    },
    'model.kind': { label: 'Kind of model', help: 'From a simple one to your own layers.' },
    'model.inputSize': { label: 'Inputs', help: 'Numbers per example, e.g. 784 for 28 x 28 pixels.' },
    'model.classes': { label: 'Classes', help: 'As many as the data have labels.' },
    'model.hidden': {
      label: 'Hidden layers (units)',
      help: 'Units of each layer, separated by commas, e.g. 200, 200.',
    },
    'model.height': { label: 'Height (pixels)', help: '4 to 1,024.' },
    'model.width': { label: 'Width (pixels)', help: '4 to 1,024.' },
    'model.channels': { label: 'Channels', help: '1 for grey, 3 for colour.' },
    'model.vocabularySize': { label: 'Vocabulary (characters)', help: 'As many as the alphabet has.' },
    'model.sequenceLength': { label: 'Sequence length (characters)', help: 'As long as the examples.' },
    'model.units': { label: 'Units', help: 'Width of the recurrent layer.' },
    'model.stemFilters': { label: 'Filters of the first layer', help: 'A convolution over 3 x 3 pixels.' },
    'model.blocks.separable': {
      label: 'Blocks (filters)',
      help: 'Of each block, separated by commas; /2 where it halves the picture, e.g. 32/2, 64/2, 64.',
    },
    'model.width.features': { label: 'Width', help: 'Numbers for each character. A multiple of the heads.' },
    'model.heads': { label: 'Heads', help: 'Of each attention.' },
    'model.blocks': { label: 'Blocks', help: 'How many, one after another.' },
    'model.adaptation.kind': {
      label: 'Adaptation',
      help: 'Adapters train beside a finished model that stays as it is; only they are sent.',
    },
    'model.adaptation.rank': { label: 'Rank', help: 'Width of the adapters. 4 to 16 is usual.' },
    'model.adaptation.scale': { label: 'Scale', help: 'How much the adapters count: alpha / rank.' },
    'model.adaptation.trains': {
      label: 'What trains of them',
      help: 'With B alone a third less is sent, and averaging loses nothing.',
    },
    'model.adaptation.baseModel': {
      label: 'Base model (hash)',
      help: 'A model of a run here, or an uploaded frame, of the sizes above. Each device downloads it once.',
    },
    'model.inputShape': { label: 'Input shape', help: 'E.g. 28, 28, 1.' },
    'model.topology': {
      label: 'Topology (JSON)',
      help: 'The model_topology of a TensorFlow.js layers model.',
    },
    'model.parameterShapes': {
      label: 'Shapes of the parameters (JSON)',
      help: 'In the order of trainableWeights, e.g. [[784, 10], [10]].',
    },
    'training.epochs': {
      label: 'Epochs',
      help: 'How often a device goes through its examples in one round.',
    },
    'training.batchSize': { label: 'Batch size (examples)', help: 'Examples per step.' },
    'training.maximumExamples': {
      label: 'Examples at most',
      help: 'Per round and device; the rest waits for another round.',
    },
    'training.optimiser.kind': { label: 'Optimiser', help: 'How a device steps downhill.' },
    'training.optimiser.learningRate': { label: 'Learning rate', help: 'Size of a step. Above 0.' },
    'training.optimiser.momentum': { label: 'Momentum', help: '0 up to, but not, 1.' },
    'training.optimiser.beta1': { label: 'Beta 1', help: 'Memory of the mean. 0 up to, but not, 1.' },
    'training.optimiser.beta2': { label: 'Beta 2', help: 'Memory of the spread. 0 up to, but not, 1.' },
    'training.optimiser.epsilon': { label: 'Epsilon', help: 'Keeps a division from zero.' },
    'training.exampleClipping.clippingNorm': {
      label: 'Longest gradient of an example (L2 norm)',
      help: 'Longer ones are scaled down before they move the model. No noise is added: by itself this protects nobody. Empty: no limit.',
    },
    'training.exampleClipping.microbatchSize': {
      label: 'Microbatch (examples)',
      help: 'So many examples are averaged and limited together. 1 limits each by itself.',
    },
    'training.dataEchoing.maximumFactor': {
      label: 'Repeat examples while reading (times)',
      help: 'Where reading large data sets is slower than training, an example trains up to so often. 2 to 16. Empty: never.',
    },
    'training.precision': {
      label: 'Precision',
      help: 'Mixed takes half the memory on a GPU. Devices that cannot train in float32.',
    },
    'rounds.committedRounds': { label: 'Rounds to commit', help: 'The run completes after this many.' },
    'rounds.reportGoal': { label: 'Report goal (updates)', help: 'How many updates a round aims to accept.' },
    'rounds.minimumSurvivors': {
      label: 'Survivors at least',
      help: 'A round with fewer accepted updates is abandoned. At most the report goal.',
    },
    'rounds.overSelection': {
      label: 'Over-selection (factor)',
      help: 'Invites more than the report goal, because some will leave. 1 to 10.',
    },
    'rounds.selectionSeconds': {
      label: 'Selection (seconds)',
      help: 'Longest wait for more candidates once the minimum is here.',
    },
    'rounds.trainingSeconds': { label: 'Training (seconds)', help: 'Longest wait for devices to train.' },
    'rounds.reportingSeconds': { label: 'Reporting (seconds)', help: 'Longest wait for updates to arrive.' },
    'rounds.rejoinSeconds': {
      label: 'Rejoin grace (seconds)',
      help: 'How long a device whose connection broke may take to return.',
    },
    'rounds.comeBackSeconds': {
      label: 'Come back after (seconds)',
      help: 'What devices are told to wait when there is nothing to do for them.',
    },
    'aggregation.weighting': {
      label: 'Weight of an update',
      help: 'By its number of examples, or all alike.',
    },
    'aggregation.maximumWeight': {
      label: 'Weight at most',
      help: 'No device counts for more examples than this.',
    },
    'aggregation.valueBound': {
      label: 'Largest value',
      help: 'An update with a single value beyond this, up or down, is refused.',
    },
    'aggregation.serverOptimiser.kind': {
      label: 'Server optimiser',
      help: 'SGD at learning rate 1 is plain federated averaging.',
    },
    'aggregation.serverOptimiser.learningRate': { label: 'Learning rate', help: 'Of the server. Above 0.' },
    'aggregation.serverOptimiser.momentum': { label: 'Momentum', help: '0 up to, but not, 1.' },
    'aggregation.serverOptimiser.beta1': {
      label: 'Beta 1',
      help: 'Memory of the mean. 0 up to, but not, 1.',
    },
    'aggregation.serverOptimiser.beta2': {
      label: 'Beta 2',
      help: 'Memory of the spread. 0 up to, but not, 1.',
    },
    'aggregation.serverOptimiser.tau': { label: 'Tau', help: 'Keeps a division from zero.' },
    'privacy.clippingNorm': {
      label: 'Clipping norm (L2)',
      help: 'Longer updates are scaled down to this length before they leave the device. Empty for no limit.',
    },
    'privacy.mode': { label: 'Noise', help: 'Only none for now.' },
    'secureAggregation.mode': {
      label: 'Secure aggregation',
      help: 'SA-1: updates are masked so that only the sum over a round’s cohort can be opened.',
    },
    'secureAggregation.corruptFraction': {
      label: 'Corrupt at most (fraction)',
      help: 'How much of a cohort may work together with the coordinator. 0 up to, but not, 1.',
    },
    'secureAggregation.dropoutFraction': {
      label: 'Drop out at most (fraction)',
      help: 'How much of a cohort may be lost once it is closed. With more, a round may be abandoned.',
    },
    'secureAggregation.adversary': {
      label: 'Coordinator',
      help: 'Semi-malicious: it may tell different people different things. Needs more shares.',
    },
    'secureAggregation.graph': {
      label: 'Who shares with whom',
      help: 'Complete: everybody with everybody. Automatic: in large cohorts with some neighbours only.',
    },
    'secureAggregation.stageSeconds': {
      label: 'Stages (seconds)',
      help: 'Longest wait in each stage of the sum, but for uploads.',
    },
    ...compressionForm.fields,
    'eligibility.minimumExamples': { label: 'Examples at least', help: 'A device with fewer is not let in.' },
  },

  /** Choices, by path and value; what is missing shows as it is written. */
  choices: {
    'data.kind.image': 'Pictures',
    'data.kind.tabular': 'Table rows',
    'data.kind.text': 'Text',
    'data.channels.1': '1 (grey)',
    'data.channels.3': '3 (colour)',
    'model.kind.softmax-regression': 'Softmax regression',
    'model.kind.mlp': 'Multilayer perceptron',
    'model.kind.mcmahan-cnn': 'Convolutional network (McMahan)',
    'model.kind.separable-cnn': 'Separable convolutional network',
    'model.kind.char-transformer': 'Characters (transformer)',
    'model.adaptation.kind.none': 'None: everything trains',
    'model.adaptation.kind.lora': 'Adapters (LoRA)',
    'model.adaptation.trains.both': 'Both factors',
    'model.adaptation.trains.b': 'B alone (FFA-LoRA)',
    'model.kind.char-gru': 'Characters (GRU)',
    'model.kind.layers': 'Own layers (TensorFlow.js)',
    'training.optimiser.kind.sgd': 'SGD',
    'training.optimiser.kind.momentum': 'SGD with momentum',
    'training.optimiser.kind.adam': 'Adam',
    'training.precision.float32': 'float32',
    'training.precision.mixed': 'Mixed',
    'aggregation.weighting.examples': 'by examples',
    'aggregation.weighting.equal': 'all alike',
    'aggregation.serverOptimiser.kind.sgd': 'SGD (averaging)',
    'aggregation.serverOptimiser.kind.adam': 'Adam (FedAdam)',
    'privacy.mode.none': 'none',
    'secureAggregation.mode.off': 'off',
    'secureAggregation.mode.sa-1': 'on (SA-1)',
    'secureAggregation.adversary.semi-honest': 'semi-honest',
    'secureAggregation.adversary.semi-malicious': 'semi-malicious',
    'secureAggregation.graph.auto': 'automatic',
    'secureAggregation.graph.complete': 'complete',
    ...compressionForm.choices,
  } as Readonly<Record<string, string>>,

  columns: {
    title: 'Columns',
    name: 'Name',
    kind: 'Kind',
    kinds: { number: 'Number', category: 'Category' },
    mean: 'Mean',
    deviation: 'Standard deviation',
    categories: 'Values, separated by commas',
    add: 'Add a column',
    remove: (name: string) => `Remove column ${name}`,
  },
};
