/** The training worker, on a GPU that can be destroyed in the middle of its work. */
import '../../../packages/training/src/worker/training-worker.ts';
import type { DestroyDevices } from './main.ts';

/** Submissions to the GPU that are still to come before each loss. */
let untilLosses: number[] = [];

if ('gpu' in navigator) {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...wanted) {
    const device = await requestDevice.apply(this, wanted);
    const submit = device.queue.submit.bind(device.queue);
    device.queue.submit = (commands) => {
      submit(commands);
      if (untilLosses.length === 0) return;
      untilLosses[0]! -= 1;
      if (untilLosses[0] !== 0) return;
      untilLosses.shift();
      device.destroy();
    };
    return device;
  };
}

addEventListener('message', ({ data }: MessageEvent<DestroyDevices | { readonly type: string }>) => {
  if ('afterSubmissions' in data) untilLosses = [...data.afterSubmissions];
});
