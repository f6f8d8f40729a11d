/** Built-in models as somebody could upload them, for tests of tfjs: the same tensors in the same order. */
import { denseWidths, type ModelSpec, modelInputShape, parameterShapes } from '@tributary/fl-core';

type Twin = Extract<ModelSpec, { kind: 'layers' }>;
type Layer = Readonly<Record<string, unknown>>;

export function uploaded(
  model: Extract<ModelSpec, { kind: 'softmax-regression' | 'mlp' | 'mcmahan-cnn' }>,
): Twin {
  const inputShape = modelInputShape(model);
  const [first, ...others] = model.kind === 'mcmahan-cnn' ? convolutional(model.classes) : dense(model);
  const begun = {
    ...first!,
    config: { ...(first!.config as Layer), batch_input_shape: [null, ...inputShape] },
  };
  return {
    kind: 'layers',
    topology: { class_name: 'Sequential', config: { name: 'uploaded', layers: [begun, ...others] } },
    inputShape: [...inputShape],
    classes: model.classes,
    parameterShapes: parameterShapes(model).map((shape) => [...shape]),
  };
}

function dense(model: Parameters<typeof denseWidths>[0]): Layer[] {
  const widths = denseWidths(model).slice(1);
  return widths.map((units, index) =>
    layer('Dense', { units, activation: activation(index, widths.length) }),
  );
}

function convolutional(classes: number): Layer[] {
  const convolution = (filters: number): Layer =>
    layer('Conv2D', { filters, kernel_size: [5, 5], padding: 'same', activation: 'relu' });
  const pooling = layer('MaxPooling2D', { pool_size: [2, 2], strides: [2, 2] });
  return [
    convolution(32),
    pooling,
    convolution(64),
    pooling,
    layer('Flatten', {}),
    layer('Dense', { units: 512, activation: 'relu' }),
    layer('Dense', { units: classes, activation: 'linear' }),
  ];
}

function layer(className: string, config: Layer): Layer {
  return { class_name: className, config };
}

function activation(index: number, count: number): string {
  return index < count - 1 ? 'relu' : 'linear';
}
