/** The browser's own checkbox, with its words beside it and what they mean below. */
import { type ComponentProps, useId } from 'react';

interface CheckBoxProps extends Omit<ComponentProps<'input'>, 'type' | 'id'> {
  readonly label: string;
  readonly description?: string;
}

export function CheckBox({ label, description, ...input }: CheckBoxProps) {
  const id = useId();
  return (
    <div className="check-box">
      <input
        {...input}
        type="checkbox"
        id={id}
        aria-describedby={description === undefined ? undefined : `${id}-description`}
      />
      <label htmlFor={id}>{label}</label>
      {description !== undefined && (
        <p className="quiet" id={`${id}-description`}>
          {description}
        </p>
      )}
    </div>
  );
}
