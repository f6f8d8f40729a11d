/** Uploaded layers as ONNX, where that is possible, beside what tfjs predicts. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { type ModelSpec, modelSchema } from '@tributary/fl-core';
import { exportFormats } from '@tributary/training/network';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { onnxFile } from '../src/export/onnx/onnx-file.ts';
import { onnxModel } from '../src/export/onnx/onnx-model.ts';

beforeAll(() => tf.setBackend('cpu'));

const IMAGE = [9, 8, 2];
const dense = () => layers.dense({ units: 3, activation: 'softmax' });
const KNOWN: Readonly<Record<string, () => LayersModel>> = {
  'convolutions, pooling and dense layers': () =>
    sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: IMAGE }),
        layers.reLU(),
        layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        layers.conv2d({ filters: 5, kernelSize: 2, strides: 2, activation: 'relu' }),
        layers.dropout({ rate: 0.5 }),
        layers.flatten(),
        layers.dense({ units: 6, useBias: false }),
        layers.activation({ activation: 'relu' }),
        dense(),
      ],
    }),
  'depthwise convolutions and normalisation': () =>
    sequential({
      layers: [
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', inputShape: IMAGE }),
        layers.layerNormalization({ axis: 3, epsilon: 1e-2 }),
        layers.conv2d({ filters: 5, kernelSize: 1, activation: 'relu' }),
        layers.globalAveragePooling2d({}),
        layers.layerNormalization(),
        layers.dense({ units: 3 }),
        layers.softmax(),
      ],
    }),
};
const OTHER: Readonly<Record<string, () => LayersModel>> = {
  'an activation of another kind': () =>
    sequential({ layers: [layers.dense({ units: 4, activation: 'tanh', inputShape: [5] }), dense()] }),
  'a recurrence': () =>
    sequential({
      layers: [layers.gru({ units: 4, inputShape: [5, 2], recurrentInitializer: 'zeros' }), dense()],
    }),
  'a window that is no square': () =>
    sequential({
      layers: [
        layers.conv2d({ filters: 2, kernelSize: [1, 2], inputShape: IMAGE }),
        layers.flatten(),
        dense(),
      ],
    }),
  'a ReLU that ends': () =>
    sequential({
      layers: [layers.dense({ units: 4, inputShape: [5] }), layers.reLU({ maxValue: 6 }), dense()],
    }),
};

describe('uploaded layers', () => {
  test.each(Object.entries(KNOWN))(
    '[O-6] of %s give as ONNX what tfjs predicts, to 1e-5',
    async (_, build) => {
      const theirs = build();
      theirs.setWeights(
        theirs
          .getWeights()
          .map((weight, index) => tf.randomNormal(weight.shape, 0, 0.4, 'float32', index + 1)),
      );
      const model = specOf(theirs);
      expect(exportFormats(model)).toContain('onnx');
      const values = Float32Array.from(
        theirs.trainableWeights.flatMap((weight) => [...weight.read().dataSync()]),
      );
      const parameters = { shapes: theirs.trainableWeights.map(({ shape }) => shape as number[]), values };
      const pieces: Uint8Array[] = [];
      for await (const piece of onnxFile(onnxModel({ model, parameters, frozen: null, metadata: {} })))
        pieces.push(piece);
      const session = await InferenceSession.create(new Uint8Array(Buffer.concat(pieces)));
      const input = tf.randomNormal([4, ...IMAGE], 0, 1, 'float32', 7);
      const { probabilities } = await session.run({
        input: new Tensor('float32', input.dataSync() as Float32Array, input.shape),
      });
      const expected = (theirs.predict(input) as tf.Tensor).dataSync();
      expect(probabilities!.dims).toEqual([4, 3]);
      expected.forEach((value, index) => {
        expect(Math.abs((probabilities!.data as Float32Array)[index]! - value)).toBeLessThan(1e-5);
      });
      expect(new Set(Array.from(expected, (value) => value.toFixed(3))).size).toBeGreaterThan(6);
    },
  );

  test.each(Object.entries(OTHER))('[O-6] with %s are not offered as ONNX, and refused', (_, build) => {
    const model = specOf(build());
    expect(exportFormats(model)).not.toContain('onnx');
    const parameters = { shapes: [], values: new Float32Array() };
    expect(() => onnxModel({ model, parameters, frozen: null, metadata: {} })).toThrow('cannot be written');
  });
});

function specOf(model: LayersModel): ModelSpec {
  return modelSchema.parse({
    kind: 'layers',
    topology: JSON.parse(JSON.stringify(model.toJSON(null, false))),
    inputShape: model.inputs[0]!.shape.slice(1),
    classes: 3,
    parameterShapes: model.trainableWeights.map(({ shape }) => shape),
  });
}
