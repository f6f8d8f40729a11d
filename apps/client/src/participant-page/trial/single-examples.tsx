/** Some held-out examples, one by one, with what the model says of each. */
import { Group, Text } from '@mantine/core';
import type { DataSchema, ExampleSet, ImageDataSchema } from '@tributary/fl-core';
import { useEffect, useRef, useState } from 'react';
import { CheckBox } from '../../appearance/check-box.tsx';
import { decimal, percent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import type { JudgedExample, Judgement } from './judgement.ts';

const SHOWN = 24;
/** Columns of a table, characters of a text. */
const SHOWN_COLUMNS = 6;
const SHOWN_CHARACTERS = 40;

interface SingleExamplesProps {
  readonly judgement: Judgement;
  readonly heldOut: ExampleSet;
  readonly schema: DataSchema;
  readonly labels: readonly string[];
}

export function SingleExamples({ judgement, heldOut, schema, labels }: SingleExamplesProps) {
  const text = words.trial;
  const [wrongOnly, setWrongOnly] = useState(false);
  const found = judgement.examples.filter(({ label, predicted }) => !wrongOnly || label !== predicted);
  return (
    <div>
      <Group justify="space-between">
        <Text component="h3" fw={650} m={0}>
          {text.single}
        </Text>
        <CheckBox
          label={text.wrongOnly}
          checked={wrongOnly}
          onChange={({ currentTarget }) => setWrongOnly(currentTarget.checked)}
        />
      </Group>
      {found.length === 0 && <Text size="sm">{text.noneWrong}</Text>}
      <ul className="judged" data-kind={schema.kind}>
        {found.slice(0, SHOWN).map((example) => (
          <li key={example.index} data-right={example.label === example.predicted || undefined}>
            <Example example={example} heldOut={heldOut} schema={schema} />
            <Said example={example} labels={labels} />
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <Text size="sm" className="quiet">
          {text.first(SHOWN, found.length)}
        </Text>
      )}
    </div>
  );
}

function Said({ example, labels }: { example: JudgedExample; labels: readonly string[] }) {
  const text = words.trial;
  const { label, predicted, probability } = example;
  const says = text.says(labels[predicted] ?? '', percent(probability));
  return (
    <span className="said">
      {says} {label === predicted ? <b>✓ {text.right}</b> : <b>✗ {text.wrong(labels[label] ?? '')}</b>}
    </span>
  );
}

interface ExampleProps {
  readonly example: JudgedExample;
  readonly heldOut: ExampleSet;
  readonly schema: DataSchema;
}

function Example({ example: { index }, heldOut, schema }: ExampleProps) {
  const width = heldOut.inputs.length / heldOut.count;
  const values = heldOut.inputs.subarray(index * width, (index + 1) * width);
  switch (schema.kind) {
    case 'image':
      return <Thumbnail values={values} schema={schema} />;
    case 'text': {
      const alphabet = [...schema.alphabet];
      const shown = [...values.slice(-SHOWN_CHARACTERS)].map((token) => alphabet[token] ?? '').join('');
      return <code>…{shown}</code>;
    }
    case 'tabular':
      return <span>{rowInWords(values, schema.columns)}</span>;
  }
}

/** The first columns as they were before they were standardised. */
function rowInWords(
  values: Float32Array,
  columns: Extract<DataSchema, { kind: 'tabular' }>['columns'],
): string {
  let at = 0;
  const cells = columns.map((column) => {
    if (column.kind === 'number') {
      const value = values[at]! * column.deviation + column.mean;
      at += 1;
      return `${column.name} ${decimal(value)}`;
    }
    const chosen = values.subarray(at, at + column.categories.length).indexOf(1);
    at += column.categories.length;
    return `${column.name} ${column.categories[chosen] ?? '–'}`;
  });
  return cells.slice(0, SHOWN_COLUMNS).join(', ') + (cells.length > SHOWN_COLUMNS ? ', …' : '');
}

function Thumbnail({ values, schema }: { values: Float32Array; schema: ImageDataSchema }) {
  const { width, height, channels } = schema;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      for (let c = 0; c < 3; c += 1) {
        image.data[4 * pixel + c] = 255 * (values[pixel * channels + (channels === 3 ? c : 0)] ?? 0);
      }
      image.data[4 * pixel + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [values, width, height, channels]);
  return <canvas ref={canvas} width={width} height={height} className="thumbnail" aria-hidden />;
}
