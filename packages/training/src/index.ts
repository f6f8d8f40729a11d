/** Everything, tfjs included. Pages import `@tributary/training/client` and Node programs `.../node` instead. */
export { type BackendChoice, chooseBackend } from './backends/choose-backend.ts';
export type { BackendOptions, TfjsBackendName } from './backends/open-backend.ts';
export { createTrainer, type TrainerOptions } from './create-trainer.ts';
export { buildModel } from './tfjs/build-model.ts';
export {
  type ImportedLayersModel,
  importLayersModel,
  type LayersModelSpec,
  type SavedLayersModel,
} from './tfjs/import-layers.ts';
export { createTfjsTrainer } from './tfjs/tfjs-trainer.ts';
