/** Plans whose sums could not be exact, or not secret: refused before the run exists, saying what would be possible. */
import { fixedPointFor, tunedStep } from '@tributary/compression';
import { chooseGraph, SecAggError } from '@tributary/privacy';
import type { TensorShape } from '../parameters.ts';
import type { TunedPlan } from '../update/sum-facts.ts';
import { isAdditive } from './compression-plan.ts';
import type { TaskManifest } from './manifest.ts';
import type { FieldFault } from './manifest-faults.ts';
import { parameterShapes } from './model-shape.ts';
import { inviteCount } from './round-plan.ts';
import { linearLengths, maximumTailWeight, ringOf } from './secure-sum-plan.ts';

/** The roster names members by two bytes, and everybody is told all of it. */
const MAXIMUM_SECURE_COHORT = 1000;
/** A sum of two tells each of them the other's update. */
const MINIMUM_SECURE_SURVIVORS = 3;

export function sumFaults(manifest: TaskManifest): FieldFault[] {
  return isAdditive(manifest.compression)
    ? [...ringFaults(manifest, parameterShapes(manifest.model)), ...secrecyFaults(manifest)]
    : [...fixedPointFaults(manifest), ...unmaskableFaults(manifest), ...idleFaults(manifest)];
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
      message: 'masks are integers of a ring: secure aggregation needs the codec quantised or tuned',
    },
  ];
}

/** What would be agreed to and do nothing. */
function idleFaults({ compression }: TaskManifest): FieldFault[] {
  if (compression.codec === 'top-k' && compression.momentum > 0 && compression.feedback.mode === 'off') {
    return [
      {
        path: 'compression.momentum',
        message: 'momentum is of what waits on the device: it needs feedback, and must be 0 without',
      },
    ];
  }
  if (compression.codec === 'eden' && compression.adaptive && compression.bits === 1) {
    return [
      {
        path: 'compression.adaptive',
        message: 'a device cannot send less than 1 bit: choose more bits, or none that adapt',
      },
    ];
  }
  return [];
}

function ringFaults(
  { rounds, aggregation, compression }: TaskManifest,
  shapes: readonly TensorShape[],
): FieldFault[] {
  if (!isAdditive(compression)) return [];
  const faults: FieldFault[] = [];
  const maximumCohort = inviteCount(rounds);
  if (compression.codec === 'tuned') faults.push(...tunedFaults(compression, maximumCohort));
  else {
    const ring = ringOf(compression, { maximumCohort, length: linearLengths(compression, shapes).to });
    if (ring.kind === 'impossible') {
      faults.push({ path: 'plan:compression.valueBits', message: ring.message });
    }
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

function tunedFaults(plan: TunedPlan, maximumCohort: number): FieldFault[] {
  const faults: FieldFault[] = [];
  if (plan.rotation === 'none') {
    faults.push({
      path: 'compression.rotation',
      message: 'a tuned step counts on values that are spread evenly: choose blocks or full',
    });
  }
  const { ringBits, wrapProbability, rounding } = plan;
  const step = tunedStep({ ringBits, cohort: maximumCohort, wrapProbability, rounding, sumRms: 1 });
  if (step.kind === 'impossible') {
    faults.push({ path: 'plan:compression.ringBits', message: step.message });
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
