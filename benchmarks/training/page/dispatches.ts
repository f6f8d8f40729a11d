/** Counts the dispatches of compute shaders, whoever makes them. */

interface ComputePass {
  dispatchWorkgroups(...sizes: number[]): void;
}

/** @returns how many there were since the call; call it before an adapter is asked for */
export function countDispatches(): () => number {
  const { GPUComputePassEncoder: Pass } = globalThis as unknown as {
    GPUComputePassEncoder?: { prototype: ComputePass };
  };
  let count = 0;
  if (Pass) {
    const dispatch = Pass.prototype.dispatchWorkgroups;
    Pass.prototype.dispatchWorkgroups = function (...sizes) {
      count += 1;
      dispatch.apply(this, sizes);
    };
  }
  return () => count;
}
