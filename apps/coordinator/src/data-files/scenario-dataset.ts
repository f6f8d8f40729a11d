/** The data that a scenario asks for: generated, or read from the folder that the person named. */
import { type ExampleSet, TributaryError } from '@tributary/fl-core';
import {
  generateDigits,
  generateShapes,
  generateText,
  imageExamples,
  type Scenario,
  shapeDataSchema,
  textExamples,
} from '@tributary/simulation';
import { readDataFile } from './data-folder.ts';
import { readMnist } from './mnist.ts';
import { readTable } from './table.ts';

/** Of a text file, for measuring: a stretch that nobody trains on. */
const VALIDATION_FRACTION = 0.1;

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
    case 'generated-shapes': {
      const { height, width, channels } = shapeDataSchema;
      const draw = (use: string, count: number) =>
        imageExamples(generateShapes({ seed: `${seed}/${use}`, count }), [height, width, channels]);
      return {
        train: draw('train', dataset.examples),
        validation: draw('validation', dataset.validationExamples),
      };
    }
    case 'generated-text': {
      const { topic, schema } = dataset;
      const write = (use: string, characters: number) =>
        textExamples(generateText({ seed: `${seed}/${use}`, topic, characters }), schema);
      return {
        train: write('train', dataset.characters),
        validation: write('validation', dataset.validationCharacters),
      };
    }
    case 'text-file': {
      const folder = requireFolder(options.folder, dataset.file);
      const text = new TextDecoder().decode(await readDataFile(folder, dataset.file));
      const end = Math.floor(text.length * (1 - VALIDATION_FRACTION));
      return {
        train: textExamples(text.slice(0, end), dataset.schema),
        validation: textExamples(text.slice(end), dataset.schema),
      };
    }
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
