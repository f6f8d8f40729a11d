/** Dense models without tfjs: `@tributary/training/dense`. */
export { createDenseTrainer } from './dense-trainer.ts';
export type { CreateDenseEngine, DenseEngine, DenseEngineSpec } from './engine.ts';
export { createPlainEngine } from './plain-engine.ts';
export { evaluateDenseSync, trainDenseSync } from './synchronous.ts';
export { type DenseOutcome, type DenseStep, denseTrainingSteps } from './training-steps.ts';
export { createWasmEngine } from './wasm-engine.ts';
