/** Rows of matrices in shaders, four columns at a time, whatever their width. */
import type { Tensor } from './storage.ts';

export const groupsOf = (width: number): number => Math.ceil(width / 4);

/**
 * For a tensor bound as `x`: `x_row(r, g) -> vec4<f32>`, columns 4g to 4g + 3 of row r, with zeros beyond the last column;
 * the row must exist.
 */
export function rowReading(name: string, tensor: Tensor, width: number): string {
  const head = `fn ${name}_row(r: u32, g: u32) -> vec4<f32> {`;
  if (tensor.isGrouped) return `${head} return ${name}_group(r * ${width / 4}u + g); }`;
  const lane = (k: number): string => {
    const number = `${name}_at(r * ${width}u + 4u * g + ${k}u)`;
    switch (presenceOf(k, width)) {
      case 'always':
        return number;
      case 'never':
        return '0.0';
      case 'sometimes':
        return `select(0.0, ${number}, 4u * g + ${k}u < ${width}u)`;
    }
  };
  return `${head} return vec4<f32>(${upTo(4).map(lane)}); }`;
}

/** For a tensor bound to be written as `x`: `x_put_row(r, g, value)`, leaving out what is beyond the last column. */
export function rowWriting(name: string, tensor: Tensor, width: number): string {
  const head = `fn ${name}_put_row(r: u32, g: u32, value: vec4<f32>) {`;
  if (tensor.isGrouped) return `${head} ${name}_put_group(r * ${width / 4}u + g, value); }`;
  const lane = (k: number): string => {
    const put = `${name}_put(r * ${width}u + 4u * g + ${k}u, value[${k}]);`;
    switch (presenceOf(k, width)) {
      case 'always':
        return put;
      case 'never':
        return '';
      case 'sometimes':
        return `if (4u * g + ${k}u < ${width}u) { ${put} }`;
    }
  };
  return `${head} ${upTo(4).map(lane).join(' ')} }`;
}

/** Whether every group of a row has this lane, none, or all but the last group. */
function presenceOf(lane: number, width: number): 'always' | 'sometimes' | 'never' {
  if (width % 4 === 0 || lane < width % 4) return 'always';
  return width < 4 ? 'never' : 'sometimes';
}

/** 0 to count - 1. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** WGSL lines, one for each index. */
export const lines = (count: number, line: (index: number) => string): string =>
  upTo(count).map(line).join('\n');
