/** Plans whose sums could not be exact, or not secret: refused before the run exists, saying what would be possible. */
import { fixedPointFor } from '@tributary/compression';
import { chooseGraph, SecAggError } from '@tributary/privacy';
import type { TaskManifest } from './manifest.ts';
import type { FieldFault } from './manifest-faults.ts';
import { inviteCount } from './round-plan.ts';
import { maximumTailWeight, ringOf } from './secure-sum-plan.ts';

/** The roster names members by two bytes, and everybody is told all of it. */
const MAXIMUM_SECURE_COHORT = 1000;
/** A sum of two tells each of them the other's update. */
const MINIMUM_SECURE_SURVIVORS = 3;

export function sumFaults(manifest: TaskManifest, parameters: number): FieldFault[] {
  return manifest.compression.codec === 'float32'
    ? [...fixedPointFaults(manifest), ...unmaskableFaults(manifest)]
    : [...ringFaults(manifest, parameters), ...secrecyFaults(manifest)];
}

function fixedPointFaults({ rounds, aggregation }: TaskManifest): FieldFault[] {
  const precision = fixedPointFor({
    valueBound: aggregation.valueBound,
    totalWeight: inviteCount(rounds) * aggregation.maximumWeight,
  });
  if (precision) return [];
  return [
    {
      path: 'plan:aggregation.valueBound',
      message:
        'valueBound x maximumWeight x cohort leaves fewer than 12 fractional bits in an exact sum; lower one of them',
    },
  ];
}

function unmaskableFaults({ secureAggregation }: TaskManifest): FieldFault[] {
  if (secureAggregation.mode === 'off') return [];
  return [
    {
      path: 'compression.codec',
      message: 'masks are integers of a ring: secure aggregation needs the codec quantised',
    },
  ];
}

function ringFaults({ rounds, aggregation, compression }: TaskManifest, parameters: number): FieldFault[] {
  if (compression.codec !== 'quantised') return [];
  const faults: FieldFault[] = [];
  const maximumCohort = inviteCount(rounds);
  const ring = ringOf(compression, { maximumCohort, length: parameters });
  if (ring.kind === 'impossible') {
    faults.push({ path: 'plan:compression.valueBits', message: ring.message });
  }
  const most = maximumTailWeight(maximumCohort);
  if (aggregation.weighting === 'examples' && aggregation.maximumWeight > most) {
    faults.push({
      path: 'plan:aggregation.maximumWeight',
      message: `the weights of ${maximumCohort} participants do not fit into 31 bits; at most ${most} each`,
    });
  }
  return faults;
}

function secrecyFaults({ rounds, secureAggregation }: TaskManifest): FieldFault[] {
  if (secureAggregation.mode === 'off') return [];
  const faults: FieldFault[] = [];
  const invited = inviteCount(rounds);
  if (invited > MAXIMUM_SECURE_COHORT) {
    faults.push({
      path: 'plan:rounds.reportGoal',
      message: `${invited} would be invited; at most ${MAXIMUM_SECURE_COHORT} with secure aggregation`,
    });
  }
  if (rounds.minimumSurvivors < MINIMUM_SECURE_SURVIVORS) {
    faults.push({
      path: 'plan:rounds.minimumSurvivors',
      message: `at least ${MINIMUM_SECURE_SURVIVORS} with secure aggregation: a sum of two tells each the other's update`,
    });
  }
  try {
    if (faults.length === 0) chooseGraph({ ...secureAggregation, n: rounds.reportGoal });
  } catch (error) {
    if (!(error instanceof SecAggError)) throw error;
    faults.push({ path: 'plan:secureAggregation.dropoutFraction', message: error.message });
  }
  return faults;
}
