import type { ImageDataSchema } from '@tributary/fl-core';
import type { Rows } from '@tributary/participant';
import { useEffect, useRef } from 'react';

interface PictureProps {
  readonly schema: ImageDataSchema;
  readonly inputs: Rows['inputs'];
  readonly row: number;
}

/** One stored picture. What it shows is said by the element around it. */
export function Picture({ schema, inputs, row }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, channels } = schema;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const size = width * height * channels;
    const scale = inputs instanceof Float32Array ? 255 : 1;
    const image = context.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const source = row * size + pixel * channels + (channels === 3 ? channel : 0);
        image.data[4 * pixel + channel] = inputs[source]! * scale;
      }
      image.data[4 * pixel + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [width, height, channels, inputs, row]);
  return <canvas ref={canvas} width={width} height={height} className="stored-picture" aria-hidden />;
}
