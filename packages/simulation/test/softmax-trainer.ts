/** The simplest trainer there is: softmax regression by plain SGD in float64, written for these tests only. */
import {
  type Evaluation,
  type ExampleSet,
  type ParameterSet,
  type Predictions,
  seededRandom,
  shuffle,
  type Trainer,
  type TrainRequest,
} from '@tributary/fl-core';

export function softmaxTrainer(): Trainer & { readonly trainings: () => number } {
  let trainings = 0;
  return {
    backend: { name: 'plain', adapter: '', passedOver: [] },
    trainings: () => trainings,
    train: async (request: TrainRequest) => {
      trainings += 1;
      return {
        parameters: descend(request),
        examplesTrained: request.examples.count,
        meanLoss: 0,
        seconds: 0,
      };
    },
    evaluate: async ({ parameters, examples }) => measure(parameters, examples),
    predict: async ({ parameters, examples }) => predictions(parameters, examples),
    dispose: async () => {},
  };
}

export function descend({ initial, examples, training, seed }: TrainRequest): ParameterSet {
  const weights = Float64Array.from(initial.values);
  const [inputSize, classes] = initial.shapes[0] as [number, number];
  const order = Int32Array.from({ length: examples.count }, (_, row) => row);
  const random = seededRandom(seed);
  const { learningRate } = training.optimiser;
  for (let epoch = 0; epoch < training.epochs; epoch += 1) {
    shuffle(order, random);
    for (let start = 0; start < order.length; start += training.batchSize) {
      const batch = order.subarray(start, start + training.batchSize);
      const gradient = new Float64Array(weights.length);
      for (const row of batch) {
        const errors = probabilities(weights, examples, { row, inputSize, classes });
        errors[examples.labels[row]!]! -= 1;
        for (let c = 0; c < classes; c += 1) {
          for (let i = 0; i < inputSize; i += 1) {
            gradient[i * classes + c]! += examples.inputs[row * inputSize + i]! * errors[c]!;
          }
          gradient[inputSize * classes + c]! += errors[c]!;
        }
      }
      for (let i = 0; i < weights.length; i += 1) weights[i]! -= (learningRate * gradient[i]!) / batch.length;
    }
  }
  return { shapes: initial.shapes, values: Float32Array.from(weights) };
}

export function measure(parameters: ParameterSet, examples: ExampleSet): Evaluation {
  const [inputSize, classes] = parameters.shapes[0] as [number, number];
  const weights = Float64Array.from(parameters.values);
  let correct = 0;
  let loss = 0;
  for (let row = 0; row < examples.count; row += 1) {
    const likely = probabilities(weights, examples, { row, inputSize, classes });
    const label = examples.labels[row]!;
    if (likely.indexOf(Math.max(...likely)) === label) correct += 1;
    loss -= Math.log(likely[label]!);
  }
  const { count } = examples;
  return { exampleCount: count, accuracy: correct / count, loss: loss / count, confusion: [] };
}

function predictions(parameters: ParameterSet, examples: ExampleSet): Predictions {
  const [inputSize, classes] = parameters.shapes[0] as [number, number];
  const weights = Float64Array.from(parameters.values);
  const rows = Array.from({ length: examples.count }, (_, row) =>
    probabilities(weights, examples, { row, inputSize, classes }),
  );
  return {
    classes,
    predicted: Int32Array.from(rows, (likely) => likely.indexOf(Math.max(...likely))),
    probabilities: Float32Array.from(rows.flatMap((likely) => [...likely])),
  };
}

function probabilities(
  weights: Float64Array,
  examples: ExampleSet,
  { row, inputSize, classes }: { row: number; inputSize: number; classes: number },
): Float64Array {
  const scores = weights.slice(inputSize * classes);
  for (let i = 0; i < inputSize; i += 1) {
    const input = examples.inputs[row * inputSize + i]!;
    if (input === 0) continue;
    for (let c = 0; c < classes; c += 1) scores[c]! += input * weights[i * classes + c]!;
  }
  const highest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
