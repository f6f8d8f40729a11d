/** How fast this machine trains, and how fast it could: `@tributary/training/roofline`. */
export {
  type BackendMeasurement,
  type DeviceMeasurement,
  type KernelMeasurement,
  type MeasuringProgress,
  measureDevice,
} from './measure-device.ts';
export type { MeasuredBackendName } from './measured-backend.ts';
export { attainable, type Ceilings } from './roofline.ts';
export { randomExamples, TYPICAL_MODELS, type TypicalModel } from './typical-models.ts';
