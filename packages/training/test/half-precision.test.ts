import { describe, expect, it } from 'vitest';
import { planMemory } from '../src/network/memory-plan.ts';
import type { Network } from '../src/network/network.ts';
import { networkOf } from '../src/network/network-of.ts';
import { halvesOf, valuesInHalves } from '../src/webgpu/half-precision.ts';
import { gpuMemoryLayout } from '../src/webgpu/memory.ts';
import { SOFTWARE_TILES } from '../src/webgpu/tiles.ts';
import { SMALL_NETWORKS } from './small-networks.ts';

const MODELS = {
  mlp: networkOf({ kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 }),
  'mcmahan-cnn': networkOf({ kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 }),
  'char-gru': networkOf({ kind: 'char-gru', vocabularySize: 90, sequenceLength: 80, units: 128 }),
  'char-transformer': networkOf({
    kind: 'char-transformer',
    vocabularySize: 90,
    sequenceLength: 128,
    width: 128,
    heads: 4,
    blocks: 2,
  }),
};

describe('values in half precision', () => {
  for (const [name, network] of Object.entries(MODELS)) {
    it(`are all that the operations of ${name} compute, but for the logits`, () => {
      const halves = valuesInHalves(network);
      const computed = network.operations.map(({ output }) => output).filter((id) => id !== network.logits);
      expect([...halves].sort((a, b) => a - b)).toEqual(computed.sort((a, b) => a - b));
    });

    it(`take half of the planned bytes of ${name}`, () => {
      const inFull = activationBytes(network, 'float32');
      expect(activationBytes(network, 'mixed')).toBe(inFull / 2);
      const plan = (precision: 'float32' | 'mixed') =>
        planMemory(
          {
            network,
            optimiser: { kind: 'sgd', learningRate: 1 },
            clipping: null,
            layout: gpuMemoryLayout(SOFTWARE_TILES, halvesOf({ network, precision })),
          },
          32,
        ).bytes;
      expect(plan('mixed')).toBeLessThan(plan('float32'));
    });
  }

  it('are none of which two invocations would write one word', () => {
    const network = SMALL_NETWORKS['depthwise convolution, stride 2']!;
    for (const id of valuesInHalves(network)) expect(network.values[id]!.width % 4).toBe(0);
    const odd = SMALL_NETWORKS['causal attention, odd heads, beside its input']!;
    const attention = odd.operations.find(({ kind }) => kind === 'causal-attention')!;
    expect(valuesInHalves(odd).has(attention.input)).toBe(false);
  });

  it('are both ends of a reshape, or neither', () => {
    for (const network of Object.values(SMALL_NETWORKS)) {
      const halves = valuesInHalves(network);
      for (const { kind, input, output } of network.operations) {
        if (kind === 'reshape') expect(halves.has(input)).toBe(halves.has(output));
      }
    }
  });
});

/** Of what operations compute for an example, and of its gradients; without logits. */
function activationBytes(network: Network, precision: 'float32' | 'mixed'): number {
  const { halves, bytesPerNumber } = gpuMemoryLayout(SOFTWARE_TILES, halvesOf({ network, precision }));
  const computed = network.operations.map(({ output }) => output).filter((id) => id !== network.logits);
  return computed.reduce((sum, id) => {
    const { rows, width } = network.values[id]!;
    return sum + 2 * rows * width * (halves?.has(id) ? bytesPerNumber / 2 : bytesPerNumber);
  }, 0);
}
