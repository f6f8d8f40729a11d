/** Late, to keep the dashboard light: whether ONNX has words for somebody's layers takes reading them. */
export { exportFormats as offeredFormats } from '@tributary/training/network';
