/** Draw an example by hand: with a pointer, or with the arrow keys. */
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import type { ImageDataSchema } from '@tributary/fl-core';
import type { ExampleBatch } from '@tributary/participant';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { centredDigit, type GreyImage } from '../data-import/centred-digit.ts';
import { words } from '../messages/index.ts';

/** Canvas pixels; the pen is as thick, relative to the digit, as those of MNIST. */
const SIZE = 280;
const PEN = 22;
const KEY_STEP = 8;
const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
};

interface Pen {
  readonly x: number;
  readonly y: number;
  readonly down: boolean;
}
const RESTING: Pen = { x: SIZE / 2, y: SIZE / 4, down: false };

interface DigitPadProps {
  readonly data: ImageDataSchema;
  /** @returns whether the drawing was stored */
  readonly onAdd: (batch: ExampleBatch) => Promise<boolean>;
}

export function DigitPad({ data, onAdd }: DigitPadProps) {
  const text = words.data;
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef<Pen>(RESTING);
  const isAdding = useRef(false);
  const [label, setLabel] = useState(0);
  const [digit, setDigit] = useState<GreyImage | null>(null);
  const [said, setSaid] = useState('');
  const [keyPen, setKeyPen] = useState<Pen | null>(null);

  const context = () => canvas.current!.getContext('2d', { willReadFrequently: true })!;
  const look = () => setDigit(centredDigit(inkOf(context()), data));
  const clear = () => {
    blank(context());
    setDigit(null);
    setKeyPen(null);
    pen.current = RESTING;
  };
  useEffect(() => blank(canvas.current!.getContext('2d', { willReadFrequently: true })!), []);

  const moveTo = (next: Pen) => {
    if (next.down) stroke(context(), pen.current.down ? pen.current : next, next);
    pen.current = next;
  };
  const byPointer = (event: PointerEvent<HTMLCanvasElement>, down: boolean) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = SIZE / box.width;
    moveTo({ x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale, down });
  };
  const byKey = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const { x, y, down } = pen.current;
    if (arrow) moveTo({ x: within(x + arrow[0]), y: within(y + arrow[1]), down });
    else if (event.key === ' ') moveTo({ x, y, down: !down });
    else if (event.key === 'Enter') void (!event.repeat && add());
    else return;
    event.preventDefault();
    setKeyPen(pen.current);
    look();
  };

  const add = async () => {
    // A key that is held down, or pressed again while one is stored, adds it once.
    if (isAdding.current) return;
    isAdding.current = true;
    await addOnce().finally(() => {
      isAdding.current = false;
    });
  };
  const addOnce = async () => {
    if (!digit) return setSaid(text.nothingDrawn);
    const inputs = Uint8Array.from(digit.values, (value) => Math.round(255 * Math.min(1, value)));
    const isStored = await onAdd({ inputs, rowSize: inputs.length, labels: [label], labelsPerExample: 1 });
    if (!isStored) return setSaid(text.drawingNotAdded);
    setSaid(text.drawingAdded(data.labels[label]!));
    clear();
  };

  return (
    <Stack gap="xs" mt="xs">
      <Text size="sm" className="quiet">
        {text.drawHint}
      </Text>
      <Group align="flex-start">
        <div className="pad-holder">
          <canvas
            ref={canvas}
            width={SIZE}
            height={SIZE}
            tabIndex={0}
            role="img"
            className="digit-pad"
            aria-label={text.canvas(data.labels[label]!)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              setKeyPen(null);
              byPointer(event, true);
            }}
            onPointerMove={(event) => pen.current.down && event.buttons > 0 && byPointer(event, true)}
            onPointerUp={(event) => {
              byPointer(event, false);
              look();
            }}
            onPointerCancel={look}
            onKeyDown={byKey}
          />
          {keyPen && (
            <span
              className="key-pen"
              data-down={keyPen.down || undefined}
              style={{ left: `${(100 * keyPen.x) / SIZE}%`, top: `${(100 * keyPen.y) / SIZE}%` }}
            />
          )}
        </div>
        <Stack gap="xs">
          <NativeSelect
            size="sm"
            label={text.drawnLabel}
            value={String(label)}
            onChange={(event) => setLabel(Number(event.currentTarget.value))}
            data={data.labels.map((name, index) => ({ value: String(index), label: name }))}
          />
          <Preview digit={digit} />
          <Group gap="xs">
            <Button size="sm" onClick={() => void add()} disabled={!digit} data-testid="add-drawing">
              {text.addDrawing}
            </Button>
            <Button size="sm" variant="default" onClick={clear}>
              {text.clearDrawing}
            </Button>
          </Group>
          <Text size="sm" role="status" mih="1.5em">
            {said}
          </Text>
        </Stack>
      </Group>
    </Stack>
  );
}

function Preview({ digit }: { digit: GreyImage | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    if (!digit) return;
    const image = context.createImageData(digit.width, digit.height);
    digit.values.forEach((value, i) => {
      image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [digit]);
  return (
    <figure className="preview">
      <canvas
        ref={canvas}
        width={digit?.width ?? 28}
        height={digit?.height ?? 28}
        className="digit-preview"
        aria-hidden
      />
      <figcaption>{words.data.preview}</figcaption>
    </figure>
  );
}

const within = (value: number) => Math.min(SIZE, Math.max(0, value));

function blank(context: CanvasRenderingContext2D): void {
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIZE, SIZE);
}

function stroke(context: CanvasRenderingContext2D, from: Pen, to: Pen): void {
  context.lineWidth = PEN;
  context.lineCap = 'round';
  context.strokeStyle = '#111';
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
}

/** Dark ink on white paper -> 1 for ink, 0 for paper. */
function inkOf(context: CanvasRenderingContext2D): GreyImage {
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  return {
    width: SIZE,
    height: SIZE,
    values: Float32Array.from({ length: SIZE * SIZE }, (_, i) => 1 - data[4 * i]! / 255),
  };
}
