/**
 * The trainable tensors of every model: their names, shapes and where they start. In layer order, kernel before bias,
 * as tfjs layers orders its weights; a `ParameterSet` holds them one after another.
 */
import type { TensorShape } from '../parameters.ts';
import type { DenseModelSpec, ModelSpec } from './model.ts';

/**
 * How a tensor begins: Glorot uniform over its fans, zeros, ones (the scales of a normalisation), or uniform in
 * +-0.05 (tables of embeddings).
 */
export type Initialisation = 'glorot' | 'zeros' | 'ones' | 'table';

export interface ParameterTensor {
  /** Unique in its model, e.g. `block1.attention.bias`. */
  readonly name: string;
  readonly shape: TensorShape;
  readonly initial: Initialisation;
}

/** What trains and travels. With an adaptation, the adapters alone. */
export function parameterTensors(model: ModelSpec): readonly ParameterTensor[] {
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp': {
      const widths = denseWidths(model);
      return widths.slice(1).flatMap((width, layer) => weights(`layer${layer + 1}`, [widths[layer]!, width]));
    }
    case 'mcmahan-cnn': {
      const pooled = Math.floor(model.height / 4) * Math.floor(model.width / 4) * 64;
      return [
        ...weights('layer1', [5, 5, model.channels, 32]),
        ...weights('layer2', [5, 5, 32, 64]),
        ...weights('layer3', [pooled, 512]),
        ...weights('layer4', [512, model.classes]),
      ];
    }
    case 'separable-cnn': {
      const inputs = [model.stemFilters, ...model.blocks.map(({ filters }) => filters)];
      return [
        ...weights('stem', [3, 3, model.channels, model.stemFilters]),
        ...model.blocks.flatMap(({ filters }, index) => [
          tensor(`block${index + 1}.depthwise.kernel`, [3, 3, inputs[index]!, 1], 'glorot'),
          tensor(`block${index + 1}.depthwise.bias`, [inputs[index]!], 'zeros'),
          ...normalisation(`block${index + 1}.norm`, inputs[index]!),
          ...weights(`block${index + 1}.pointwise`, [1, 1, inputs[index]!, filters]),
        ]),
        ...weights('dense', [inputs.at(-1)!, model.classes]),
      ];
    }
    case 'char-gru':
      return [
        tensor('gru.kernel', [model.vocabularySize, 3 * model.units], 'glorot'),
        tensor('gru.recurrent_kernel', [model.units, 3 * model.units], 'glorot'),
        tensor('gru.bias', [3 * model.units], 'zeros'),
        ...weights('dense', [model.units, model.vocabularySize]),
      ];
    case 'char-transformer':
      return model.adaptation
        ? adapterTensors(model, model.adaptation.rank).filter(isTrained(model.adaptation))
        : transformerTensors(model);
    case 'layers':
      return model.parameterShapes.map((shape, index) =>
        tensor(`tensor${index}`, shape, shape.length < 2 ? 'zeros' : 'glorot'),
      );
  }
}

/** What the frame of an adapted model's base holds: the tensors of the same model without adaptation. Null for all others. */
export function baseTensors(model: ModelSpec): readonly ParameterTensor[] | null {
  if (model.kind !== 'char-transformer' || !model.adaptation) return null;
  return transformerTensors(model);
}

/** What an adapted model keeps as it is: its base, then the factors that do not train. Null for all others. */
export function frozenTensors(model: ModelSpec): readonly ParameterTensor[] | null {
  if (model.kind !== 'char-transformer' || !model.adaptation) return null;
  const trained = isTrained(model.adaptation);
  const factors = adapterTensors(model, model.adaptation.rank).filter((factor) => !trained(factor));
  return [...transformerTensors(model), ...factors];
}

/** Widths of a dense model from input to output, e.g. `[784, 200, 200, 10]`. */
export function denseWidths(model: DenseModelSpec): readonly number[] {
  const hidden = model.kind === 'mlp' ? model.hidden : [];
  return [model.inputSize, ...hidden, model.classes];
}

interface TransformerSizes {
  readonly vocabularySize: number;
  readonly sequenceLength: number;
  readonly width: number;
  readonly blocks: number;
}

function transformerTensors(model: TransformerSizes): readonly ParameterTensor[] {
  const { vocabularySize, sequenceLength, width } = model;
  return [
    tensor('characters', [vocabularySize, width], 'table'),
    tensor('positions', [sequenceLength, width], 'table'),
    ...blockNames(model).flatMap((block) => [
      ...normalisation(`${block}.norm1`, width),
      ...weights(`${block}.attention`, [width, 3 * width]),
      ...weights(`${block}.projection`, [width, width]),
      ...normalisation(`${block}.norm2`, width),
      ...weights(`${block}.expand`, [width, 4 * width]),
      ...weights(`${block}.contract`, [4 * width, width]),
    ]),
    ...normalisation('norm', width),
    ...weights('dense', [width, vocabularySize]),
  ];
}

/** Adapters beside the two projections of each attention. `down` is A and `up` is B of Hu et al. 2021, section 4.1. */
function adapterTensors(model: TransformerSizes, rank: number): readonly ParameterTensor[] {
  const { width } = model;
  return blockNames(model).flatMap((block) => [
    tensor(`${block}.attention.down`, [width, rank], 'glorot'),
    tensor(`${block}.attention.up`, [rank, 3 * width], 'zeros'),
    tensor(`${block}.projection.down`, [width, rank], 'glorot'),
    tensor(`${block}.projection.up`, [rank, width], 'zeros'),
  ]);
}

const isTrained =
  ({ trains }: { readonly trains?: 'both' | 'b' | undefined }) =>
  ({ name }: ParameterTensor): boolean =>
    trains !== 'b' || name.endsWith('.up');

const blockNames = ({ blocks }: TransformerSizes): string[] =>
  Array.from({ length: blocks }, (_, index) => `block${index + 1}`);

const tensor = (name: string, shape: TensorShape, initial: Initialisation): ParameterTensor => ({
  name,
  shape,
  initial,
});

const weights = (layer: string, kernel: TensorShape): ParameterTensor[] => [
  tensor(`${layer}.kernel`, kernel, 'glorot'),
  tensor(`${layer}.bias`, [kernel.at(-1)!], 'zeros'),
];

const normalisation = (layer: string, width: number): ParameterTensor[] => [
  tensor(`${layer}.scale`, [width], 'ones'),
  tensor(`${layer}.shift`, [width], 'zeros'),
];
