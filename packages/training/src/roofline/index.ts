/** How fast this machine trains, and how fast it could: `@tributary/training/roofline`. */
export { MATRIX_PRODUCT } from './kernel-probes.ts';
export {
  type BackendMeasurement,
  type DeviceMeasurement,
  type KernelMeasurement,
  type MeasuringProgress,
  measureDevice,
} from './measure-device.ts';
export { MEASURED_BACKENDS, type Measurable, type MeasuredBackendName } from './measured-backend.ts';
export { openMeasuredBackend } from './open-measured-backend.ts';
export { attainable, type Ceilings } from './roofline.ts';
export type { MessageFromRooflineWorker } from './roofline-worker.ts';
export { secondsPerCall } from './timing.ts';
export { randomExamples, TYPICAL_MODELS, type TypicalModel } from './typical-models.ts';
