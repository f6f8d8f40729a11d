/**
 * A model card (Mitchell et al. 2019), in Markdown: what the model is for, how it came about, how good it is and
 * where that was measured, and how private the training was. Generated from what ran, never from what was planned.
 */
import {
  baseShapes,
  type DataSchema,
  isCharacterModel,
  type ModelSpec,
  modelInputShape,
  parameterCount,
  parameterShapes,
  type RoundSummary,
  type TaskManifest,
} from '@tributary/fl-core';
import { exportFormats } from '@tributary/training/network';
import type { StoredModel } from '../storage/run-store.ts';
import { ONNX_OPSET } from './onnx/graph.ts';

export interface CardFacts {
  readonly runId: string;
  readonly manifest: TaskManifest;
  readonly model: StoredModel;
  readonly frameBytes: number;
  /** Every finished round of the run, oldest first. */
  readonly rounds: readonly RoundSummary[];
  /** Devices of which an update was ever counted in this run. */
  readonly contributors: number;
}

export function modelCard(facts: CardFacts): string {
  const { manifest } = facts;
  return `${[
    `# ${plain(manifest.name)}`,
    ...(manifest.description ? [plain(manifest.description)] : []),
    `Trained by federated learning with Tributary: the examples stayed on the devices of those who took part. Run \`${facts.runId}\`, ${afterRound(facts)}.`,
    section('Model', modelFacts(facts)),
    section('What it expects', dataFacts(manifest.data, manifest.model)),
    section('How it was trained', trainingFacts(facts)),
    section('How good it is', accuracyFacts(facts)),
    section('Privacy of the training', privacyFacts(facts)),
    section('How to load it', loading(manifest.model)),
  ].join('\n\n')}\n`;
}

const section = (title: string, lines: readonly string[]): string => `## ${title}\n\n${lines.join('\n')}`;
const afterRound = ({ model: { roundNumber }, manifest: { initialModel } }: CardFacts): string => {
  if (roundNumber > 0) return `after round ${roundNumber}`;
  return `before any round: its parameters are ${initialModel === undefined ? 'random' : 'those that it began with'}`;
};
const figure = (value: number): string => value.toLocaleString('en');
const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
/** Words of the operator's, kept from being markup. */
const plain = (words: string): string =>
  words.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, (mark) => `\\${mark}`);

function modelFacts({ manifest, model, frameBytes }: CardFacts): string[] {
  const shapes = parameterShapes(manifest.model);
  const base = baseShapes(manifest.model);
  return [
    `- Kind: ${kindOf(manifest.model)}`,
    `- Parameters: ${figure(parameterCount(shapes))} in ${shapes.length} tensors, float32`,
    ...(base
      ? [
          `- Adapters (${adaptersOf(manifest.model)}): only these were trained and sent; ${figure(parameterCount(base))} more parameters stayed as they are in the base model`,
        ]
      : []),
    `- SHA-256 of the model frame (${figure(frameBytes)} bytes): \`${model.modelHash}\``,
    ...(model.isSuperseded ? ['- **Left behind:** the run went back to an earlier model after it.'] : []),
  ];
}

function adaptersOf(model: ModelSpec): string {
  return model.kind === 'char-transformer' && model.adaptation?.trains === 'b'
    ? 'FFA-LoRA, Sun et al. 2024: B alone, beside an A that the hash of the base model draws'
    : 'LoRA, Hu et al. 2021';
}

function kindOf(model: ModelSpec): string {
  switch (model.kind) {
    case 'softmax-regression':
      return `softmax regression, ${model.inputSize} inputs, ${model.classes} classes`;
    case 'mlp':
      return `multilayer perceptron ${[model.inputSize, ...model.hidden, model.classes].join('-')}, ReLU, softmax`;
    case 'mcmahan-cnn':
      return `convolutional network of McMahan et al. 2017 on ${model.height} x ${model.width} x ${model.channels}, ${model.classes} classes`;
    case 'separable-cnn':
      return `depthwise-separable network on ${model.height} x ${model.width} x ${model.channels}, ${model.blocks.length} blocks, ${model.classes} classes`;
    case 'char-transformer':
      return `character model: transformer of ${model.blocks} blocks, width ${model.width}, ${model.heads} heads, over ${model.vocabularySize} characters${model.adaptation ? `; adapters of rank ${model.adaptation.rank}, scale ${model.adaptation.scale}, beside the model ${model.adaptation.baseModel}` : ''}`;
    case 'char-gru':
      return `character model: GRU of ${model.units} units over ${model.vocabularySize} characters`;
    case 'layers':
      return `TensorFlow.js layers model, ${model.classes} classes`;
  }
}

function dataFacts(data: DataSchema, model: ModelSpec): string[] {
  const input = `- Input: float32, shape ${JSON.stringify(modelInputShape(model))} per example`;
  switch (data.kind) {
    case 'image':
      return [
        input,
        `- Images of ${data.height} x ${data.width} pixels, ${data.channels} channel${data.channels === 1 ? '' : 's'}, values from 0 to 1, row by row, channels last`,
        `- Classes, in order: ${labels(data.labels)}`,
      ];
    case 'tabular':
      return [
        input,
        `- Label column \`${plain(data.labelColumn)}\`; classes, in order: ${labels(data.labels)}`,
        '- Columns, in order; a category becomes one-hot, one input per value:',
        '',
        '| column | becomes |',
        '|---|---|',
        ...data.columns.map((column) =>
          column.kind === 'number'
            ? `| ${plain(column.name)} | (value - ${column.mean}) / ${column.deviation} |`
            : `| ${plain(column.name)} | one-hot of ${labels(column.categories)} |`,
        ),
      ];
    case 'text':
      return [
        `- Input: ${data.sequenceLength} characters as indices in the alphabet${model.kind === 'char-gru' ? ' (one-hot in the tfjs export)' : ''}; predicts the next character at each position`,
        `- Alphabet, as JSON: ${plain(JSON.stringify(data.alphabet))}; any other character counts as the first one`,
      ];
  }
}

const labels = (values: readonly string[]): string => values.map(plain).join(', ');

function trainingFacts({ manifest, model, rounds, contributors }: CardFacts): string[] {
  const lineage = lineageOf(model, rounds);
  const committed = lineage.filter((round) => round.outcome === 'committed');
  const { training, aggregation } = manifest;
  const updates = committed.reduce((sum, round) => sum + round.accepted, 0);
  const first = committed[0];
  const last = committed.at(-1);
  return [
    ...(manifest.initialModel === undefined
      ? []
      : [
          `- Began with the model \`${manifest.initialModel}\`, which came from elsewhere or from another run`,
        ]),
    `- Rounds: ${committed.length} committed, ${lineage.length - committed.length} abandoned on the way`,
    `- Updates counted in this model: ${figure(updates)}`,
    `- Devices that contributed to the run so far: ${figure(contributors)}`,
    ...(first && last ? [`- Time: from ${date(first.openedAt)} to ${date(last.closedAt)}`] : []),
    `- On the devices: ${training.optimiser.kind}, learning rate ${training.optimiser.learningRate}, ${training.epochs} epoch${training.epochs === 1 ? '' : 's'} per round, batches of ${training.batchSize}`,
    `- On the coordinator: ${aggregation.serverOptimiser.kind}, learning rate ${aggregation.serverOptimiser.learningRate}; updates weighted ${aggregation.weighting === 'examples' ? `by number of examples, at most ${aggregation.maximumWeight}` : 'equally'}`,
  ];
}

const date = (at: number): string => new Date(at).toISOString();

/** The rounds that led to this model. For one that was left behind: those before it that were not, and itself. */
function lineageOf({ roundNumber }: StoredModel, rounds: readonly RoundSummary[]): readonly RoundSummary[] {
  return rounds.filter(
    (round) => round.roundNumber <= roundNumber && (!round.isSuperseded || round.roundNumber === roundNumber),
  );
}

function accuracyFacts({ manifest, model, rounds }: CardFacts): string[] {
  const own = rounds.find((round) => round.roundNumber === model.roundNumber);
  const heldOut = model.isSuperseded ? null : heldOutAccuracy(model, rounds);
  const lines = [
    ...(own?.validationAccuracy == null
      ? []
      : [
          `- ${percent(own.validationAccuracy)} correct on the public validation set, measured by the coordinator${own.validationLoss === null ? '' : ` (cross-entropy ${own.validationLoss.toFixed(4)} nats)`}`,
        ]),
    ...(heldOut === null
      ? []
      : [
          `- ${percent(heldOut)} correct on examples that participants of the following round held out on their own devices and never trained on, as they ${isSummedInSecret(manifest) ? 'counted it in their updates, of which only the sum is known' : 'reported it, weighted by number of examples'}`,
        ]),
  ];
  return lines.length > 0 ? lines : ['Nobody measured this model.'];
}

/** Participants measure the model from which their round starts: this one, until the next is committed. */
function heldOutAccuracy({ roundNumber }: StoredModel, rounds: readonly RoundSummary[]): number | null {
  for (const round of rounds) {
    if (round.isSuperseded || round.roundNumber <= roundNumber) continue;
    if (round.participantAccuracy !== null) return round.participantAccuracy;
    if (round.outcome === 'committed') return null;
  }
  return null;
}

function privacyFacts(facts: CardFacts): string[] {
  const { clippingNorm } = facts.manifest.privacy;
  return [
    ...secrecyFacts(facts),
    '- No noise: there is no epsilon, and no differential privacy is claimed. What a model learnt can reveal something about the examples that it was trained on.',
    clippingNorm === undefined
      ? '- Updates were not clipped.'
      : `- Updates were clipped to an L2 norm of ${clippingNorm}, which bounds what one device could change and hides nothing.`,
    '- The examples themselves were not sent.',
  ];
}

const isSummedInSecret = ({ secureAggregation }: TaskManifest): boolean => secureAggregation.mode !== 'off';

/** From the rounds that led to this model, as each of them ran. */
function secrecyFacts({ manifest, model, rounds }: CardFacts): string[] {
  if (!isSummedInSecret(manifest)) {
    return [
      '- No secure aggregation: the coordinator received each update by itself and could have looked at it.',
    ];
  }
  const committed = lineageOf(model, rounds).filter((round) => round.outcome === 'committed');
  const sums = committed.flatMap(({ accepted, secureSum }) => (secureSum ? [{ accepted, secureSum }] : []));
  if (sums.length === 0) return ['- Secure aggregation is on, and no round has led to this model.'];
  const isActive = sums.every(({ secureSum }) => secureSum.label === 'active server');
  return [
    `- Secure aggregation (SA-1, after Bonawitz et al. 2017 and Bell et al. 2020) in ${sums.length === committed.length ? 'every committed round' : `${sums.length} of ${committed.length} committed rounds`}: the coordinator received updates under masks, and learnt their sums and who took part. The smallest sum was of ${Math.min(...sums.map(({ accepted }) => accepted))} devices.`,
    `- Label: ${isActive ? 'active server' : 'curious server'}. ${isActive ? 'That holds against a coordinator that deviates from the protocol, too.' : 'That holds against a coordinator that follows the protocol, and not against one that serves other code or invents participants.'}`,
  ];
}

function loading(model: ModelSpec): string[] {
  const formats = exportFormats(model);
  return [
    ...(formats.includes('tfjs') ? [...loadingTfjs(model), ''] : []),
    ...(formats.includes('onnx') ? [...loadingOnnx(model), ''] : []),
    'The `safetensors` export holds the parameters for other frameworks; kernels are stored inputs first:',
    '',
    '```python',
    'from safetensors.numpy import load_file',
    "tensors = load_file('model.safetensors')",
    '```',
    ...(formats.includes('adapters')
      ? ['', 'There the adapters are merged into the base model; the `adapters` export holds them alone.']
      : []),
  ];
}

function loadingTfjs(model: ModelSpec): string[] {
  const output = model.kind === 'layers' ? 'what its last layer gives' : 'probabilities, one per class';
  const shape =
    model.kind === 'char-gru' ? [model.sequenceLength, model.vocabularySize] : modelInputShape(model);
  return [
    `The \`tfjs\` export is a zip; unpack it where a page can fetch it. \`predict\` gives ${output}:`,
    '',
    '```js',
    "const model = await tf.loadLayersModel('model.json');",
    `const output = model.predict(inputs); // [examples, ${shape.join(', ')}]`,
    '```',
  ];
}

function loadingOnnx(model: ModelSpec): string[] {
  const isText = isCharacterModel(model);
  const shape = ['examples', ...modelInputShape(model)].join(', ');
  return [
    `The \`onnx\` export uses operator set ${ONNX_OPSET}. It reads ${isText ? 'indices in the alphabet, as int64,' : 'the inputs above'} and gives probabilities, one per class:`,
    '',
    '```python',
    'from onnxruntime import InferenceSession',
    "session = InferenceSession('model.onnx')",
    `(output,) = session.run(None, {'input': inputs})  # ${isText ? 'int64' : 'float32'}, [${shape}]`,
    '```',
  ];
}
