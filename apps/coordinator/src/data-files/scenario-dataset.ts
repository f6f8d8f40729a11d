/** The data that a scenario asks for: generated, or read from the folder that the person named. */
import { type ExampleSet, TributaryError } from '@tributary/fl-core';
import { generateDigits, imageExamples, type Scenario } from '@tributary/simulation';
import { readMnist } from './mnist.ts';
import { readTable } from './table.ts';

export interface ScenarioData {
  readonly train: ExampleSet;
  readonly validation: ExampleSet;
}

/** @throws TributaryError `data-missing`, `data-invalid` */
export async function loadScenarioData(
  scenario: Scenario,
  options: { folder: string | undefined; warn: (message: string) => void },
): Promise<ScenarioData> {
  const { dataset, seed } = scenario;
  switch (dataset.kind) {
    case 'generated-digits':
      return {
        train: imageExamples(generateDigits({ seed: `${seed}/train`, count: dataset.examples })),
        validation: imageExamples(
          generateDigits({ seed: `${seed}/validation`, count: dataset.validationExamples }),
        ),
      };
    case 'mnist':
      return readMnist(
        requireFolder(options.folder, 'the four MNIST files (train-images-idx3-ubyte.gz ...)'),
        options,
      );
    case 'tabular-csv': {
      const folder = requireFolder(options.folder, `${dataset.trainFile} and ${dataset.validationFile}`);
      return {
        train: await readTable(folder, dataset.trainFile, dataset),
        validation: await readTable(folder, dataset.validationFile, dataset),
      };
    }
  }
}

function requireFolder(folder: string | undefined, wanted: string): string {
  if (folder !== undefined) return folder;
  throw new TributaryError(
    'data-missing',
    `This scenario needs ${wanted}. Name their folder with --data DIR.`,
  );
}
