/** One measurement of this device, in a worker that ends with it. */
import type {
  DeviceMeasurement,
  MeasuringProgress,
  MessageFromRooflineWorker,
} from '@tributary/training/roofline';
import { useEffect, useRef, useState } from 'react';
import { openWorker } from '../../trusted-types.ts';
import rooflineWorker from './roofline.worker.ts?worker&url';

export type Measuring =
  | { readonly phase: 'idle' }
  | { readonly phase: 'measuring'; readonly progress: MeasuringProgress | null }
  | { readonly phase: 'done'; readonly measurement: DeviceMeasurement }
  | { readonly phase: 'failed'; readonly message: string };

export interface Measurement {
  readonly state: Measuring;
  start(): void;
  cancel(): void;
}

export function useMeasurement(): Measurement {
  const [state, setState] = useState<Measuring>({ phase: 'idle' });
  const worker = useRef<Worker | null>(null);
  const finish = (last: Measuring): void => {
    worker.current?.terminate();
    worker.current = null;
    setState(last);
  };
  useEffect(() => () => worker.current?.terminate(), []);
  return {
    state,
    start() {
      finish({ phase: 'measuring', progress: null });
      worker.current = openWorker(rooflineWorker);
      worker.current.onerror = ({ message }) => finish({ phase: 'failed', message });
      worker.current.onmessage = ({ data }: MessageEvent<MessageFromRooflineWorker>) => {
        if (data.kind === 'progress') setState({ phase: 'measuring', progress: data.progress });
        else if (data.kind === 'done') finish({ phase: 'done', measurement: data.measurement });
        else finish({ phase: 'failed', message: data.message });
      };
    },
    cancel: () => finish({ phase: 'idle' }),
  };
}
