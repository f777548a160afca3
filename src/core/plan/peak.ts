import type { Gpu } from '../catalog/gpu.ts';
import type { WeightPrecision } from '../model-config/precision.ts';

/** Compute capabilities from which tensor cores multiply 8-bit floats (Ada) and 4-bit floats (Blackwell). */
const fp8Capability = 8.9;
const fp4Capability = 10;
const int8Capability = 7.5;

/**
 * Dense operations per second of matrix products with weights of that precision. Narrow weights double the rate only
 * where the tensor cores multiply them as they are; elsewhere they are widened first. (NVIDIA's architecture white papers.)
 */
export function peakFlops(gpu: Gpu, precision: WeightPrecision): number {
  return gpu.tflops16 * 1e12 * speedup(gpu.computeCapability ?? 0, precision);
}

function speedup(capability: number, precision: WeightPrecision): number {
  switch (precision) {
    case 'fp32':
      return 0.5;
    case 'fp8':
    case 'fp8-block':
      return capability >= fp8Capability ? 2 : 1;
    case 'int8':
      return capability >= int8Capability && capability < fp4Capability ? 2 : 1;
    case 'nvfp4':
    case 'mxfp4':
      return capability >= fp4Capability ? 4 : 1;
    case 'bf16':
    case 'fp16':
    case 'awq':
    case 'gptq':
    case 'int4':
      return 1;
  }
}
