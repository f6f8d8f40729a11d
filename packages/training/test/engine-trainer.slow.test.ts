/** The trainer contract on the engines that train in earnest. */
import { createEngineTrainer, threadEngines } from '../src/local-training/index.ts';
import { referenceEngines } from '../src/reference/reference-engine.ts';
import { trainerContract } from './trainer-contract.ts';

trainerContract('the engine trainer in plain TypeScript', async () => createEngineTrainer(referenceEngines));
trainerContract('the engine trainer on what is fastest here', async () =>
  createEngineTrainer(threadEngines()),
);
