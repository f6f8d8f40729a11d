/** Reads an uploaded tfjs topology so that it gives logits and costs nothing to initialise. */
import { TributaryError } from '@tributary/fl-core';

type Json = Record<string, unknown>;

/**
 * Accepts the `model_topology` of a saved model, whole or without its `model_config` wrapper. A softmax at the very
 * end is left out, because the loss applies it more exactly from logits.
 * @throws TributaryError `model-unsupported`
 */
export function readLogitsTopology(topology: Json): Json {
  const copy = structuredClone(topology);
  const model = asObject(copy.model_config ?? copy.modelConfig ?? copy);
  const config = model.config;
  const layers = (Array.isArray(config) ? config : asObject(config).layers) as unknown;
  if (!Array.isArray(layers) || layers.length === 0) throw unreadable();
  const described = layers.map(asObject);
  for (const layer of described) zeroInitialisers(asObject(layer.config));
  endInLogits(lastLayer(described, Array.isArray(config) ? {} : asObject(config)));
  return model;
}

function lastLayer(layers: readonly Json[], config: Json): Json {
  const outputs = config.output_layers ?? config.outputLayers;
  if (outputs === undefined) return layers.at(-1)!;
  if (!Array.isArray(outputs) || outputs.length !== 1) {
    throw new TributaryError('model-unsupported', 'a model needs exactly one output');
  }
  const name = Array.isArray(outputs[0]) ? outputs[0][0] : outputs[0];
  const found = layers.find((layer) => (layer.name ?? asObject(layer.config).name) === name);
  if (found === undefined) throw unreadable();
  return found;
}

function endInLogits(layer: Json): void {
  const config = asObject(layer.config);
  const className = layer.class_name ?? layer.className;
  if (className === 'Softmax') {
    const key = 'class_name' in layer ? 'class_name' : 'className';
    layer[key] = 'Activation';
    layer.config = { name: config.name, activation: 'linear' };
  } else if (config.activation === 'softmax') {
    config.activation = 'linear';
  } else if (config.activation !== undefined && config.activation !== 'linear') {
    throw new TributaryError('model-unsupported', 'the last layer must give logits or a softmax');
  }
}

function zeroInitialisers(config: Json): void {
  for (const key of Object.keys(config)) {
    if (/_initializer$|Initializer$/.test(key)) config[key] = { class_name: 'Zeros', config: {} };
  }
}

function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable();
  return value as Json;
}

function unreadable(): TributaryError {
  return new TributaryError('model-unsupported', 'this is not the topology of a tfjs layers model');
}
