/** Has the codes measured in a worker, as tabs run them. */
import type { BenchmarkRow } from '../../benchmark.ts';
import type { SpeedOptions } from '../speeds.ts';

export interface SpeedPage {
  measure(options: SpeedOptions): Promise<BenchmarkRow[]>;
}

const speedPage: SpeedPage = {
  measure: (options) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./speeds.worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data }: MessageEvent<BenchmarkRow[]>) => {
        worker.terminate();
        resolve(data);
      };
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(options);
    }),
};

Object.assign(globalThis, { speedPage });
