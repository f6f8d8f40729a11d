/** Maximum over windows of an image, channels last. Pixels outside of the image do not count. */

export function maxPoolingForward(
  examples: i32,
  inputHeight: i32,
  inputWidth: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  paddingTop: i32,
  paddingLeft: i32,
  input: usize,
  output: usize,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>inputWidth * pixelBytes;
  for (let example = 0; example < examples; example++) {
    for (let y = 0; y < outputHeight; y++) {
      const top = y * stride - paddingTop;
      const firstY = max(top, 0);
      const lastY = min(top + kernelHeight, inputHeight);
      for (let x = 0; x < outputWidth; x++) {
        const left = x * stride - paddingLeft;
        const firstX = max(left, 0);
        const lastX = min(left + kernelWidth, inputWidth);
        const first = input + <usize>firstY * rowBytes + <usize>firstX * pixelBytes;
        let channel: usize = 0;
        for (; channel + 16 <= pixelBytes; channel += 16) {
          let highest = v128.load(first + channel);
          for (let iy = firstY; iy < lastY; iy++) {
            const row = input + <usize>iy * rowBytes + channel;
            for (let ix = firstX; ix < lastX; ix++) {
              highest = f32x4.max(highest, v128.load(row + <usize>ix * pixelBytes));
            }
          }
          v128.store(output + channel, highest);
        }
        for (; channel < pixelBytes; channel += 4) {
          let highest = load<f32>(first + channel);
          for (let iy = firstY; iy < lastY; iy++) {
            const row = input + <usize>iy * rowBytes + channel;
            for (let ix = firstX; ix < lastX; ix++) {
              highest = max(highest, load<f32>(row + <usize>ix * pixelBytes));
            }
          }
          store<f32>(output + channel, highest);
        }
        output += pixelBytes;
      }
    }
    input += <usize>inputHeight * rowBytes;
  }
}

/**
 * inputGradient = (or += when `add`): the first of a window's highest inputs, in reading order, takes the gradient.
 */
export function maxPoolingBackward(
  examples: i32,
  inputHeight: i32,
  inputWidth: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  paddingTop: i32,
  paddingLeft: i32,
  input: usize,
  output: usize,
  gradient: usize,
  inputGradient: usize,
  add: bool,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>inputWidth * pixelBytes;
  if (!add) memory.fill(inputGradient, 0, <usize>(examples * inputHeight) * rowBytes);
  for (let example = 0; example < examples; example++) {
    for (let y = 0; y < outputHeight; y++) {
      const top = y * stride - paddingTop;
      const firstY = max(top, 0);
      const lastY = min(top + kernelHeight, inputHeight);
      for (let x = 0; x < outputWidth; x++) {
        const left = x * stride - paddingLeft;
        const firstX = max(left, 0);
        const lastX = min(left + kernelWidth, inputWidth);
        let channel: usize = 0;
        for (; channel + 16 <= pixelBytes; channel += 16) {
          const highest = v128.load(output + channel);
          let rest = v128.load(gradient + channel);
          for (let iy = firstY; iy < lastY; iy++) {
            for (let ix = firstX; ix < lastX; ix++) {
              const at = <usize>iy * rowBytes + <usize>ix * pixelBytes + channel;
              const takes = f32x4.eq(v128.load(input + at), highest);
              const target = inputGradient + at;
              v128.store(target, f32x4.add(v128.load(target), v128.and(rest, takes)));
              rest = v128.andnot(rest, takes);
            }
          }
        }
        for (; channel < pixelBytes; channel += 4) {
          const highest = load<f32>(output + channel);
          let rest = load<f32>(gradient + channel);
          for (let iy = firstY; iy < lastY; iy++) {
            for (let ix = firstX; ix < lastX; ix++) {
              const at = <usize>iy * rowBytes + <usize>ix * pixelBytes + channel;
              if (load<f32>(input + at) !== highest) continue;
              store<f32>(inputGradient + at, load<f32>(inputGradient + at) + rest);
              rest = 0;
            }
          }
        }
        output += pixelBytes;
        gradient += pixelBytes;
      }
    }
    input += <usize>inputHeight * rowBytes;
    inputGradient += <usize>inputHeight * rowBytes;
  }
}
