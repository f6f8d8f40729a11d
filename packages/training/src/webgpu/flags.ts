/** The numbers of `GPUBufferUsage` and its kin, which are not everywhere where WebGPU's types are. */
export const MAP_READ = 0x0001;
export const COPY_SRC = 0x0004;
export const COPY_DST = 0x0008;
export const UNIFORM = 0x0040;
export const STORAGE = 0x0080;
/** `GPUShaderStage.COMPUTE` */
export const COMPUTE_STAGE = 0x4;
/** `GPUMapMode.READ` */
export const READ_MODE = 0x1;
