/**
 * Tensors in GPU buffers, and the WGSL functions through which shaders reach them, so that no shader knows how numbers are
 * stored. Shaders compute in float32 always.
 */

/**
 * `f32`; `f16`, where the device has `shader-f16`; `packed`: pairs of halves in a 32-bit word, for devices without.
 * Parameters and their gradients are `f32` always.
 */
export type Storage = 'f32' | 'f16' | 'packed';

export interface BufferRange {
  readonly buffer: GPUBuffer;
  /** Bytes; a multiple of 256. */
  readonly offset: number;
  readonly size: number;
  /**
   * How readers bind it. Ranges of the arena are `read_write` even where they are only read, because WebGPU refuses a
   * buffer that one dispatch binds both ways.
   */
  readonly access: 'read' | 'read_write';
}

export interface Tensor {
  readonly range: BufferRange;
  readonly storage: Storage;
  /**
   * Whether rows are whole groups of four numbers (width a multiple of 4, and the start as well): then it is reached as
   * vectors of four. Otherwise its storage is `f32` and it is reached number by number.
   */
  readonly isGrouped: boolean;
  /** Numbers from the start of the range to the first one of the tensor. */
  readonly base: number;
}

/** A matrix beside another: in groups of four, each row from a new group on, and stored as that one is. */
export const groupedAs = ({ storage }: Tensor, range: BufferRange): Tensor => ({
  range,
  storage,
  isGrouped: true,
  base: 0,
});

/** How a dispatch uses a tensor or a raw range, under the name that its shader gives it. */
export type Binding = TensorBinding | RawBinding;

export interface TensorBinding {
  readonly kind: 'tensor';
  readonly tensor: Tensor;
  /** `accumulate` adds, but for the first pass of a step, which writes: it is for gradients of parameters. */
  readonly use: 'read' | 'write' | 'add' | 'accumulate';
}

interface RawBinding {
  readonly kind: 'raw';
  readonly range: BufferRange;
  /** WGSL type of its elements: the shader reads and writes `name[i]`. */
  readonly element: 'f32' | 'u32' | 'i32' | 'vec4<f32>' | 'vec4<u32>' | 'vec2<u32>';
  readonly use: 'read' | 'write';
}

export const reads = (tensor: Tensor): Binding => ({ kind: 'tensor', tensor, use: 'read' });
export const writes = (tensor: Tensor): Binding => ({ kind: 'tensor', tensor, use: 'write' });
export const adds = (tensor: Tensor): Binding => ({ kind: 'tensor', tensor, use: 'add' });
export const accumulates = (tensor: Tensor): Binding => ({ kind: 'tensor', tensor, use: 'accumulate' });
export const readsRaw = (range: BufferRange, element: RawBinding['element']): Binding => ({
  kind: 'raw',
  range,
  element,
  use: 'read',
});
export const writesRaw = (range: BufferRange, element: RawBinding['element']): Binding => ({
  kind: 'raw',
  range,
  element,
  use: 'write',
});

/** WGSL element type of the array that holds a binding's numbers. */
export function elementOf(binding: Binding): string {
  if (binding.kind === 'raw') return binding.element;
  const { storage, isGrouped } = binding.tensor;
  if (!isGrouped) return 'f32';
  switch (storage) {
    case 'f32':
      return 'vec4<f32>';
    case 'f16':
      return 'vec4<f16>';
    case 'packed':
      return 'vec2<u32>';
  }
}

/**
 * The functions of a tensor bound as `x`, whose numbers lie in the array `data`:
 *
 * - `x_at(i) -> f32`: number i;
 * - `x_group(g) -> vec4<f32>`: numbers 4g to 4g + 3;
 * - `x_put_group(g, vec4<f32>)`, unless only read: writes, adds or accumulates four numbers;
 * - `x_put(i, f32)`: one number, only of tensors that are not grouped (neighbours may be written at the same time).
 *
 * A value or its gradient that is not grouped may be written group by group, too: there is room behind its last number.
 */
export function accessors(
  name: string,
  { tensor, use }: TensorBinding,
  data: string,
  element: string,
): string {
  return element === 'f32'
    ? plainAccessors(name, data, tensor.base, use)
    : groupedAccessors(name, data, tensor, use);
}

type Use = TensorBinding['use'];

function plainAccessors(name: string, data: string, base: number, use: Use): string {
  const read = `fn ${name}_at(i: u32) -> f32 { return ${data}[${base}u + i]; }
fn ${name}_group(g: u32) -> vec4<f32> {
  let i = ${base}u + 4u * g;
  return vec4<f32>(${data}[i], ${data}[i + 1u], ${data}[i + 2u], ${data}[i + 3u]);
}`;
  if (use === 'read') return read;
  return `${read}
fn ${name}_put(i: u32, value: f32) {
  ${combining(use, `${data}[${base}u + i]`, 'value')}
}
fn ${name}_put_group(g: u32, value: vec4<f32>) {
  for (var k = 0u; k < 4u; k++) { ${name}_put(4u * g + k, value[k]); }
}`;
}

function groupedAccessors(name: string, data: string, { storage, base }: Tensor, use: Use): string {
  const place = `${data}[${base / 4}u + g]`;
  const { load, store } = CONVERSIONS[storage];
  const read = `fn ${name}_group(g: u32) -> vec4<f32> { return ${load(place)}; }
fn ${name}_at(i: u32) -> f32 { return ${name}_group(i / 4u)[i % 4u]; }`;
  if (use === 'read') return read;
  const combined =
    storage === 'f32'
      ? combining(use, place, 'value')
      : use === 'write'
        ? `${place} = ${store('value')};`
        : `${place} = ${store(`${name}_group(g) + value`)};`;
  return `${read}
fn ${name}_put_group(g: u32, value: vec4<f32>) {
  ${combined}
}`;
}

function combining(use: Use, place: string, value: string): string {
  switch (use) {
    case 'read':
      return '';
    case 'write':
      return `${place} = ${value};`;
    case 'add':
      return `${place} += ${value};`;
    case 'accumulate':
      return `if (batch.accumulates == 0u) { ${place} = ${value}; } else { ${place} += ${value}; }`;
  }
}

const CONVERSIONS: Record<Storage, { load(place: string): string; store(value: string): string }> = {
  f32: { load: (place) => place, store: (value) => value },
  f16: {
    load: (place) => `vec4<f32>(${place})`,
    store: (value) => `bitcast<vec4<f16>>(pack_halves(${value}))`,
  },
  packed: {
    load: (place) => `vec4<f32>(unpack2x16float(${place}.x), unpack2x16float(${place}.y))`,
    store: (value) => `pack_halves(${value})`,
  },
};

/**
 * For modules that store halves. What half precision cannot hold becomes infinite, which conversions of WGSL leave open: an
 * overflow has to arrive in the gradient, where the loss scale sees it.
 */
export const PACK_HALVES = `fn pack_halves(v: vec4<f32>) -> vec2<u32> {
  let fits = abs(v) <= vec4<f32>(65504.0);
  let kept = select(vec4<f32>(), v, fits);
  let sign = (bitcast<vec4<u32>>(v) >> vec4<u32>(16u)) & vec4<u32>(0x8000u);
  let infinite = select(sign | vec4<u32>(0x7c00u), vec4<u32>(), fits);
  return vec2<u32>(pack2x16float(kept.xy), pack2x16float(kept.zw)) | infinite.xz | (infinite.yw << vec2<u32>(16u));
}`;
