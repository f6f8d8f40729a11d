/** One call of a compute shader: what it binds, its WGSL, and how many workgroups it takes for a number of examples. */
import { accessors, type Binding, type BufferRange, elementOf, PACK_HALVES } from './storage.ts';

export type Workgroups = readonly [x: number, y: number, z: number];

export interface Dispatch {
  readonly label: string;
  /** By the names that `code` uses. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Everything but the bindings: functions, `var<workgroup>`, and the entry point `main`. Shapes stand in it as constants. */
  readonly code: string;
  workgroups(examples: number): Workgroups;
}

/**
 * What every shader sees as `batch`: a pass over some examples of a step. `accumulates` is 0 in the first pass of a step or
 * a microbatch, whose gradients overwrite those before. `BatchFields` of batch-control.ts writes it.
 */
const BATCH = `struct Batch {
  examples: u32,
  accumulates: u32,
  gradient_scale: f32,
  first_correction: f32,
  second_correction: f32,
  earlier_microbatches: u32,
  microbatch_weight: f32,
}
@group(0) @binding(0) var<uniform> batch: Batch;`;

/** A number that depends on the examples of a pass, in both languages. */
export interface Count {
  readonly wgsl: string;
  of(examples: number): number;
}

export const perExample = (count: number): Count => ({
  wgsl: `batch.examples * ${count}u`,
  of: (examples) => examples * count,
});

/** Groups of four that hold `numbers` numbers of each example, without padding between examples. */
export const groupsPerExample = (numbers: number): Count => ({
  wgsl: `(batch.examples * ${numbers}u + 3u) / 4u`,
  of: (examples) => Math.ceil((examples * numbers) / 4),
});

export const inAll = (count: number): Count => ({ wgsl: `${count}u`, of: () => count });

/** A limit that every WebGPU device has (`maxComputeWorkgroupsPerDimension`). */
const MOST_WORKGROUPS = 65_535;

interface Loop {
  readonly label: string;
  readonly count: Count;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Statements for one `i` (`u32`) below the count. */
  readonly body: string;
  /** WGSL functions that the body calls. */
  readonly functions?: string;
  readonly workgroupSize?: number;
}

/** One invocation per `i`; neighbouring invocations get neighbouring `i`, as coalesced memory wants it. */
export function dispatchOver({
  label,
  count,
  bindings,
  body,
  functions,
  workgroupSize = 64,
}: Loop): Dispatch {
  return {
    label,
    bindings,
    code: `${functions ?? ''}
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x + id.y * ${MOST_WORKGROUPS * workgroupSize}u;
  if (i >= ${count.wgsl}) { return; }
  ${body}
}`,
    workgroups(examples) {
      const needed = Math.ceil(count.of(examples) / workgroupSize);
      return [Math.min(needed, MOST_WORKGROUPS), Math.ceil(needed / MOST_WORKGROUPS), 1];
    },
  };
}

export interface BoundRange {
  readonly range: BufferRange;
  readonly access: 'read' | 'read_write';
}

export interface ShaderModule {
  readonly wgsl: string;
  /** In the order of `@group(1)`. */
  readonly ranges: readonly BoundRange[];
}

/** The complete WGSL of a dispatch. */
export function moduleOf({ bindings, code }: Dispatch): ShaderModule {
  const slots = slotsOf(bindings);
  const elements = slots.map(({ element }) => element);
  const parts = [
    elements.includes('vec4<f16>') ? 'enable f16;' : '',
    BATCH,
    ...slots.map(
      ({ access, element, data }, index) =>
        `@group(1) @binding(${index}) var<storage, ${access}> ${data}: array<${element}>;`,
    ),
    elements.some((element) => element === 'vec2<u32>' || element === 'vec4<f16>') ? PACK_HALVES : '',
    ...slots.flatMap((slot) =>
      slot.uses.map(([name, binding]) =>
        binding.kind === 'raw' ? '' : accessors(name, binding, slot.data, slot.element),
      ),
    ),
    code,
  ];
  return { wgsl: parts.filter((part) => part !== '').join('\n'), ranges: slots };
}

/** One variable of the shader: WebGPU lets a dispatch bind no range twice when it writes to it. */
interface Slot extends BoundRange {
  readonly uses: readonly (readonly [name: string, binding: Binding])[];
  readonly element: string;
  /** The variable's name. */
  readonly data: string;
}

function slotsOf(bindings: Readonly<Record<string, Binding>>): readonly Slot[] {
  const shared = new Map<string, [string, Binding][]>();
  const buffers: GPUBuffer[] = [];
  for (const [name, binding] of Object.entries(bindings)) {
    const { buffer, offset, size } = rangeOf(binding);
    if (!buffers.includes(buffer)) buffers.push(buffer);
    const key = `${buffers.indexOf(buffer)} ${offset} ${size}`;
    const uses = shared.get(key);
    if (uses) uses.push([name, binding]);
    else shared.set(key, [[name, binding]]);
  }
  return [...shared.values()].map((uses) => {
    const [name, binding] = uses[0]!;
    const range = rangeOf(binding);
    const isWritten = uses.some(([, { use }]) => use !== 'read');
    const elements = new Set(uses.map(([, use]) => elementOf(use)));
    if (elements.size > 1 && uses.some(([, use]) => use.kind === 'raw' || use.tensor.storage !== 'f32')) {
      throw new Error(`${name} is bound twice, as different types`);
    }
    return {
      range,
      access: isWritten ? 'read_write' : range.access,
      uses,
      // What is grouped for one and not for the other is reached number by number.
      element: elements.size > 1 ? 'f32' : elementOf(binding),
      data: binding.kind === 'raw' ? name : `${name}_data`,
    };
  });
}

const rangeOf = (binding: Binding): BufferRange =>
  binding.kind === 'tensor' ? binding.tensor.range : binding.range;
