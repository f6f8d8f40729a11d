/** Models of ours as ONNX: examples in, probabilities out. */
import {
  frozenTensors,
  isCharacterModel,
  type ModelSpec,
  modelClasses,
  modelInputShape,
  type ParameterSet,
  type ParameterTensor,
  parameterTensors,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';
import { networkOf, networkOfLayers, type ParameterReference } from '@tributary/training/network';
import { littleEndianBytes } from '../tensor-bytes.ts';
import { createGraph } from './graph.ts';
import { addNetwork, type Constant } from './network-nodes.ts';
import { permuted } from './permuted.ts';
import type { Encoded } from './protobuf.ts';

export interface OnnxSource {
  readonly model: ModelSpec;
  readonly parameters: ParameterSet;
  /** Of an adapted model. */
  readonly frozen: ParameterSet | null;
  readonly metadata: Record<string, string>;
}

/**
 * Input `input`: as examples are, images channels last, texts as whole numbers. Output `probabilities`.
 * @throws TributaryError `model-unsupported` for uploaded layers of other kinds than networks have
 */
export function onnxModel({ model, parameters, frozen, metadata }: OnnxSource): Encoded {
  const network = model.kind === 'layers' ? networkOfLayers(model) : networkOf(model);
  if (network === null)
    throw new TributaryError('model-unsupported', 'some of these layers cannot be written as ONNX');
  const graph = createGraph();
  const isText = isCharacterModel(model);
  const input = graph.input('input', isText ? 'int64' : 'float32', modelInputShape(model));
  const stores = {
    trained: named(parameterTensors(model), parameters.values),
    frozen: named(frozenTensors(model) ?? [], frozen?.values ?? new Float32Array()),
  };
  const constant: Constant = ({ store, offset }: ParameterReference, shape, order) => {
    const { name, values } = stores[store].get(offset)!;
    if (values.length !== tensorSize(shape)) throw new Error(`${name} has not the shape [${shape}]`);
    return order
      ? graph.weights(
          name,
          order.map((axis) => shape[axis]!),
          permuted(values, shape, order),
        )
      : graph.weights(name, shape, littleEndianBytes(values));
  };
  const logits = addNetwork(graph, network, input, constant);
  const probabilities = graph.add('Softmax', [logits.name], { axis: -1 });
  const shape = isText ? [model.sequenceLength, modelClasses(model)] : [modelClasses(model)];
  return graph.model({ name: 'probabilities', of: probabilities, shape }, metadata);
}

interface NamedValues {
  readonly name: string;
  readonly values: Float32Array;
}

/** By their place in the flat vector, which is how a network refers to them. */
function named(tensors: readonly ParameterTensor[], values: Float32Array): ReadonlyMap<number, NamedValues> {
  let offset = 0;
  return new Map(
    tensors.map(({ name, shape }) => {
      const from = offset;
      offset += tensorSize(shape);
      return [from, { name, values: values.subarray(from, offset) }];
    }),
  );
}
