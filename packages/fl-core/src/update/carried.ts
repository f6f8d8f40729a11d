import { type CodecMemory, withResidual } from '@tributary/compression';
import { feedbackOf } from '../task/compression-plan.ts';
import type { TaskManifest } from '../task/manifest.ts';

/** The model delta with what earlier codes of this device lost, where the plan keeps it; see `withResidual`. */
export function withMemory(
  delta: Float32Array,
  carried: {
    readonly manifest: Pick<TaskManifest, 'compression'>;
    readonly roundNumber: number;
    readonly memory: CodecMemory | null;
  },
): Float32Array {
  const { manifest, roundNumber, memory } = carried;
  const feedback = feedbackOf(manifest.compression);
  if (!feedback) return delta;
  return withResidual(delta, memory, { roundNumber, expiresAfterRounds: feedback.expiresAfterRounds });
}
