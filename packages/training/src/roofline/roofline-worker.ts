/** Entry of a dedicated worker that measures as soon as it is there; terminate it to stop: `@tributary/training/roofline-worker`. */
import { type DeviceMeasurement, type MeasuringProgress, measureDevice } from './measure-device.ts';

export type MessageFromRooflineWorker =
  | { readonly kind: 'progress'; readonly progress: MeasuringProgress }
  | { readonly kind: 'done'; readonly measurement: DeviceMeasurement }
  | { readonly kind: 'failed'; readonly message: string };

const SECONDS_PER_MEASUREMENT = 0.08;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const tell = (message: MessageFromRooflineWorker): void => scope.postMessage(message);

measureDevice({
  seconds: SECONDS_PER_MEASUREMENT,
  onProgress: (progress) => tell({ kind: 'progress', progress }),
}).then(
  (measurement) => tell({ kind: 'done', measurement }),
  (error: unknown) =>
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
);
