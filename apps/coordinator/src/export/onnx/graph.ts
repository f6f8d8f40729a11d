/** An ONNX model in the making (onnx.proto of ONNX 1.12, which has operator set 17 and format version 8). */
import type { TensorShape } from '@tributary/fl-core';
import { littleEndianBytes } from '../tensor-bytes.ts';
import {
  bytesField,
  type Encoded,
  floatField,
  integerField,
  message,
  messageField,
  type Part,
  textField,
} from './protobuf.ts';

/** The first one with LayerNormalization. */
export const ONNX_OPSET = 17;
const FORMAT_VERSION = 8;

/** Whole numbers and lists of them, or an explicit fraction or text. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;
export type ElementType = 'float32' | 'int64';
const ELEMENT_TYPES: Record<ElementType, number> = { float32: 1, int64: 7 };

/** What flows along an edge: its name, and the shape of one example. */
export interface Edge {
  readonly name: string;
  readonly shape: TensorShape;
}

export interface Graph {
  /** Declares the input: a batch of any size. */
  input(name: string, type: ElementType, shape: TensorShape): Edge;
  /** Appends an operator with one output, whose name is given back. */
  add(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** A constant tensor of floats, by its name. */
  weights(name: string, shape: TensorShape, content: Part): string;
  /** A small constant, by a name of its own. */
  integers(values: readonly number[]): string;
  integer(value: number): string;
  floats(shape: TensorShape, values: readonly number[]): string;
  /** The file. The output is the only one. */
  model(output: { name: string; of: string; shape: TensorShape }, metadata: Record<string, string>): Encoded;
}

export function createGraph(): Graph {
  const nodes: Encoded[] = [];
  const initialisers: Encoded[] = [];
  const inputs: Encoded[] = [];
  let count = 0;
  const freshName = (kind: string): string => {
    count += 1;
    return `${kind}_${count}`;
  };
  const append = (
    operator: string,
    from: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string => {
    nodes.push(
      messageField(
        1,
        ...from.map((name) => textField(1, name)),
        textField(2, output),
        textField(3, output),
        textField(4, operator),
        ...Object.entries(attributes).map(([name, value]) => attributeField(name, value)),
      ),
    );
    return output;
  };
  const constant = (name: string, type: ElementType, shape: TensorShape, content: Part): string => {
    initialisers.push(
      messageField(
        5,
        ...shape.map((size) => integerField(1, size)),
        integerField(2, ELEMENT_TYPES[type]),
        textField(8, name),
        bytesField(9, content),
      ),
    );
    return name;
  };

  return {
    input(name, type, shape) {
      inputs.push(messageField(11, ...valueFields(name, type, shape)));
      return { name, shape };
    },
    add: (operator, from, attributes) => append(operator, from, freshName(operator), attributes),
    weights: (name, shape, content) => constant(name, 'float32', shape, content),
    integers: (values) => constant(freshName('integers'), 'int64', [values.length], longs(values)),
    integer: (value) => constant(freshName('integer'), 'int64', [], longs([value])),
    floats: (shape, values) =>
      constant(freshName('floats'), 'float32', shape, littleEndianBytes(Float32Array.from(values))),
    model(output, metadata) {
      append('Identity', [output.of], output.name);
      return message(
        integerField(1, FORMAT_VERSION),
        textField(2, 'Tributary'),
        messageField(
          7,
          ...nodes,
          textField(2, 'tributary'),
          ...initialisers,
          ...inputs,
          messageField(12, ...valueFields(output.name, 'float32', output.shape)),
        ),
        messageField(8, textField(1, ''), integerField(2, ONNX_OPSET)),
        ...Object.entries(metadata).map(([name, value]) =>
          messageField(14, textField(1, name), textField(2, value)),
        ),
      );
    },
  };
}

function longs(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => {
    view.setBigInt64(8 * index, BigInt(value), true);
  });
  return new Uint8Array(view.buffer);
}

/** Of a ValueInfoProto; the batch has no fixed size. */
function valueFields(name: string, type: ElementType, shape: TensorShape): Encoded[] {
  const batch = messageField(1, textField(2, 'batch'));
  const sizes = shape.map((size) => messageField(1, integerField(1, size)));
  const tensor = messageField(1, integerField(1, ELEMENT_TYPES[type]), messageField(2, batch, ...sizes));
  return [textField(1, name), messageField(2, tensor)];
}

function attributeField(name: string, value: Attribute): Encoded {
  const typed = (): Encoded[] => {
    if (typeof value === 'number') return [integerField(3, value), integerField(20, 2)];
    if (typeof value === 'string') return [textField(4, value), integerField(20, 3)];
    if ('float' in value) return [floatField(2, value.float), integerField(20, 1)];
    return [...value.map((item) => integerField(8, item)), integerField(20, 7)];
  };
  return messageField(5, textField(1, name), ...typed());
}
