/** Everything, tfjs included. Pages import `@tributary/training/client` and Node programs `.../node` instead. */
export { createTrainer, type TrainerOptions } from './create-trainer.ts';
export { buildModel } from './tfjs/build-model.ts';
export {
  type ImportedLayersModel,
  importLayersModel,
  type LayersModelSpec,
  type SavedLayersModel,
} from './tfjs/import-layers.ts';
