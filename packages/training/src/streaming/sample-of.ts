import type { ExampleSet, ExampleStream } from '@tributary/fl-core';
import type { Settling } from '../network/engine.ts';
import { isStream } from './is-stream.ts';

/**
 * What the loss of a model may be measured on. Of a stream the first portion with examples stands for all: reading everything
 * for one figure would not be worth it.
 */
export function sampleOf(examples: ExampleSet | ExampleStream): Settling<ExampleSet> {
  return isStream(examples) ? examples.read(examples.portionSizes.findIndex((size) => size > 0)) : examples;
}
