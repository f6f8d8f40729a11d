/** Every built-in model without tfjs: `@tributary/training/local`. */
export { createEngineTrainer, type EngineTrainerOptions } from './engine-trainer.ts';
export { evaluateSync, type SyncOptions, trainSync } from './synchronous.ts';
export { threadEngines } from './thread-engines.ts';
export type { TrainOutcome } from './training-steps.ts';
