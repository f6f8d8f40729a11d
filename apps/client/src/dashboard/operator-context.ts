import { mayActAs, type OperatorRole, type OperatorSession } from '@tributary/fl-core';
import { createContext, useContext } from 'react';

export const OperatorContext = createContext<OperatorSession | null>(null);

export function useOperator(): OperatorSession {
  const session = useContext(OperatorContext);
  if (!session) throw new Error('nobody is logged in');
  return session;
}

export const useMay = (role: OperatorRole): boolean => mayActAs(useOperator().role, role);
