/** One filter per channel. Images are framed with zeros one at a time (assembly/depthwise.ts). */
import type { OperationOf, Window } from '../../network/network.ts';
import type { WasmOperation } from '../operation.ts';

type Depthwise = OperationOf<'depthwise-convolution'>;

export const depthwiseConvolution: WasmOperation<'depthwise-convolution'> = {
  memory: (operation, { values }) => ({
    saved: 0,
    scratch: layoutOf(operation, values[operation.input].width).bytes,
  }),
  place(operation, { kernels, network, flow, scratch, ...placement }) {
    const { input, output, window, kernel, bias } = operation;
    const { width, rows } = network.values[input];
    const outputRows = network.values[output].rows;
    const layout = layoutOf(operation, width);
    const { forwardFrame, backwardFrame } = layout;
    const { kernelHeight, kernelWidth, stride, outputHeight, outputWidth, inputHeight, inputWidth } = window;
    const taps = kernelHeight * kernelWidth;
    const frame = scratch;
    const packed = scratch + layout.packed;
    const packedGradient = scratch + layout.packedGradient;
    const image = (of: number, example: number): number => of + 4 * example * rows * width;
    const result = (of: number, example: number): number => of + 4 * example * outputRows * width;
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const filters = placement.parameter(kernel);
    const offsets = placement.parameter(bias);

    const frameInput = (example: number): void => {
      const { height, width: across } = forwardFrame;
      const { paddingTop, paddingLeft } = window;
      const source = image(inputs, example);
      kernels.frameImage(
        inputHeight,
        inputWidth,
        width,
        source,
        frame,
        height,
        across,
        paddingTop,
        paddingLeft,
        1,
      );
    };

    const addFilterGradient = (examples: number, gradient: number): void => {
      kernels.clear(packedGradient, layout.packedBytes);
      kernels.clear(frame, layout.frameBytes);
      for (let example = 0; example < examples; example += 1) {
        frameInput(example);
        kernels.correlateFilters(
          outputHeight,
          outputWidth,
          width,
          frame,
          forwardFrame.width,
          kernelHeight,
          kernelWidth,
          stride,
          result(gradient, example),
          packedGradient,
        );
      }
      kernels.addPackedFilters(taps, width, packedGradient, placement.parameterGradient(kernel));
    };

    /** The outputs' gradient, with zeros between its pixels where the stride skipped some, under the turned filters. */
    const passInputGradient = (examples: number, gradient: number, adds: boolean): void => {
      const target = placement.gradient(input);
      kernels.packFilters(taps, width, filters, packed, true);
      kernels.clear(frame, layout.frameBytes);
      for (let example = 0; example < examples; example += 1) {
        kernels.frameImage(
          outputHeight,
          outputWidth,
          width,
          result(gradient, example),
          frame,
          backwardFrame.height,
          backwardFrame.width,
          kernelHeight - 1 - window.paddingTop,
          kernelWidth - 1 - window.paddingLeft,
          stride,
        );
        kernels.correlate(
          inputHeight,
          inputWidth,
          width,
          frame,
          backwardFrame.width,
          kernelHeight,
          kernelWidth,
          1,
          packed,
          0,
          image(target, example),
          adds,
        );
      }
    };

    return {
      forward(examples) {
        kernels.packFilters(taps, width, filters, packed, false);
        kernels.clear(frame, layout.frameBytes);
        for (let example = 0; example < examples; example += 1) {
          frameInput(example);
          kernels.correlate(
            outputHeight,
            outputWidth,
            width,
            frame,
            forwardFrame.width,
            kernelHeight,
            kernelWidth,
            stride,
            packed,
            offsets,
            result(outputs, example),
            false,
          );
        }
      },
      backward(examples) {
        const gradient = placement.gradient(output);
        if (kernel.store === 'trained') {
          addFilterGradient(examples, gradient);
          kernels.addColumnSums(examples * outputRows, width, gradient, placement.parameterGradient(bias));
        }
        if (flow.input !== 'none') passInputGradient(examples, gradient, flow.input === 'add');
      },
    };
  },
};

interface Frame {
  readonly height: number;
  readonly width: number;
}

interface Layout {
  readonly forwardFrame: Frame;
  readonly backwardFrame: Frame;
  /** Offsets of the packed filters and of their gradient; each takes `packedBytes`. */
  readonly packed: number;
  readonly packedGradient: number;
  readonly packedBytes: number;
  /** Of the larger frame. */
  readonly frameBytes: number;
  readonly bytes: number;
}

function layoutOf({ window }: Depthwise, width: number): Layout {
  const pixelBytes = 16 * Math.ceil(width / 4);
  const forwardFrame = forwardFrameOf(window);
  const backwardFrame = {
    height: window.inputHeight + window.kernelHeight - 1,
    width: window.inputWidth + window.kernelWidth - 1,
  };
  const frameBytes =
    pixelBytes *
    Math.max(forwardFrame.height * forwardFrame.width, backwardFrame.height * backwardFrame.width);
  const packedBytes = pixelBytes * window.kernelHeight * window.kernelWidth;
  return {
    forwardFrame,
    backwardFrame,
    packed: frameBytes,
    packedGradient: frameBytes + packedBytes,
    packedBytes,
    frameBytes,
    bytes: frameBytes + 2 * packedBytes,
  };
}

/** What the windows see: an image's last rows may lie outside it. */
function forwardFrameOf({ outputHeight, outputWidth, kernelHeight, kernelWidth, stride }: Window): Frame {
  return {
    height: (outputHeight - 1) * stride + kernelHeight,
    width: (outputWidth - 1) * stride + kernelWidth,
  };
}
