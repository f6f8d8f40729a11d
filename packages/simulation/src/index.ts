export {
  DIGIT_LABELS,
  type Digits,
  type DigitsRequest,
  generateDigits,
  handwritingOf,
  imageExamples,
} from './data/digits.ts';
export type { Handwriting } from './data/handwriting.ts';
export { DIGIT_PIXELS, DIGIT_SIDE } from './data/pen.ts';
export { generateText, TOPICS, type Topic } from './data/sentences.ts';
export { PICTURE_SIDE, SHAPE_LABELS } from './data/shape-labels.ts';
export { generateShapes } from './data/shapes.ts';
export { textExamples } from './data/text-examples.ts';
export { dirichletPartition } from './partition/dirichlet.ts';
export { iidPartition } from './partition/iid.ts';
export { labelShardPartition } from './partition/label-shards.ts';
export type { Partition } from './partition/partition.ts';
export { gatherExamples } from './population.ts';
export {
  digitDataSchema,
  parseScenario,
  type Scenario,
  type ScenarioInput,
  scenarioManifest,
  scenarioSchema,
  shapeDataSchema,
} from './scenario.ts';
export type { SimulatedRound } from './simulated-round.ts';
export { type SimulationOptions, type SimulationResult, simulate } from './simulator.ts';
