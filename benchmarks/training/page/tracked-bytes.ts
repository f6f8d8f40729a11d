/** Counts what WebAssembly memories and GPU buffers really hold, whoever makes them. */

interface Buffers {
  createBuffer(descriptor: { readonly size: number }): { destroy(): void };
}

export interface TrackedBytes {
  now(): number;
  /** The most since the call. */
  most(): number;
}

const PAGE_BYTES = 65_536;

/** Call it before any engine is made. */
export function trackBytes(): TrackedBytes {
  const memories: WebAssembly.Memory[] = [];
  const buffers = new Map<object, number>();
  let most = 0;
  const now = (): number => {
    const sizes = memories.map(({ buffer }) => buffer.byteLength);
    // One page asks a module for its constants, and is forgotten at once.
    const held = sizes.reduce((sum, size) => sum + (size > PAGE_BYTES ? size : 0), 0);
    return [...buffers.values()].reduce((sum, size) => sum + size, held);
  };
  const look = (): void => {
    most = Math.max(most, now());
  };
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(Memory, parameters: [WebAssembly.MemoryDescriptor]) {
      const memory = new Memory(...parameters);
      memories.push(memory);
      look();
      return memory;
    },
  });
  const { GPUDevice: Device } = globalThis as unknown as { GPUDevice?: { prototype: Buffers } };
  if (Device) {
    const create = Device.prototype.createBuffer;
    Device.prototype.createBuffer = function (descriptor) {
      const buffer = create.call(this, descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffers.set(buffer, descriptor.size);
      look();
      buffer.destroy = () => {
        buffers.delete(buffer);
        destroy();
      };
      return buffer;
    };
  }
  return {
    now,
    most() {
      look();
      return most;
    },
  };
}
