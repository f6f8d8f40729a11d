/** What a backend offers to be measured: its ceilings, its kernels one by one, and whole training steps. */
import type { Engine, EngineSpec, Settling } from '../network/engine.ts';
import type { MemoryLayout } from '../network/memory-plan.ts';
import type { KernelProbe } from './kernel-probes.ts';
import type { KernelWork } from './roofline.ts';

export const MEASURED_BACKENDS = ['wasm', 'wasm-relaxed', 'webgpu', 'reference'] as const;
export type MeasuredBackendName = (typeof MEASURED_BACKENDS)[number];

export interface Measurable {
  /** Of one call. */
  readonly work: KernelWork;
  /** Calls it that often; settled when the last call is done. */
  run(times: number): void | Promise<void>;
}

export interface MeasuredBackend {
  readonly name: MeasuredBackendName;
  /** As the platform names it; empty when it says nothing. */
  readonly adapter: string;
  /** Independent multiply-adds in registers: no bytes. */
  readonly multiplyAdds: Measurable;
  /** McCalpin's STREAM triad: more bytes than caches hold. */
  readonly triad: Measurable;
  forward(probe: KernelProbe): Measurable;
  /** Only of probes with a backward pass. */
  backward(probe: KernelProbe): Measurable;
  /** What its engines take, for a memory plan. */
  readonly layout: MemoryLayout;
  engine(spec: EngineSpec): Settling<Engine>;
  dispose(): void;
}

/** A backend that does not run here. */
export interface MissingBackend {
  readonly reason: string;
}
