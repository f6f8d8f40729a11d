import type { ExampleSet, ExampleStream } from '@tributary/fl-core';

export function isStream(examples: ExampleSet | ExampleStream): examples is ExampleStream {
  return 'portionSizes' in examples;
}
