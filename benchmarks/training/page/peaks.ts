/** The two ceilings that a training step is held against. */
import {
  MATRIX_PRODUCT,
  type Measurable,
  openMeasuredBackend,
  secondsPerCall,
} from '@tributary/training/roofline';
import type { EngineName, Peaks } from './protocol.ts';

export async function peaksOf(name: EngineName): Promise<Peaks> {
  const backend = await openMeasuredBackend(name);
  if ('reason' in backend) return { multiplyAdds: null, matrixProduct: null };
  const rateOf = async ({ work, run }: Measurable): Promise<number> =>
    work.flops / (await secondsPerCall(run, { seconds: 0.2 }));
  const peaks = {
    multiplyAdds: await rateOf(backend.multiplyAdds),
    matrixProduct: await rateOf(backend.forward(MATRIX_PRODUCT)),
  };
  backend.dispose();
  return peaks;
}
