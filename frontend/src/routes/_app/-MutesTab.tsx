import type { MuteRead } from "~/client";
import { useAccounts } from "~/features/accounts/queries";
import { Pages } from "~/features/notifications/Deliveries";
import { Guarded } from "~/features/notifications/Guarded";
import { MuteDialog } from "~/features/notifications/MuteDialog";
import { MuteRows } from "~/features/notifications/MuteRows";
import { useChannels, useMutes, useRules } from "~/features/notifications/queries";
import type { Choice } from "~/features/notifications/words";
import { useEveryProblem } from "~/features/problems/queries";
import { titleOf } from "~/features/problems/words";
import { useEveryTask } from "~/features/tasks/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { TextLink } from "~/parts/links";
import { Section } from "~/parts/Page";

type Props = {
  may: boolean;
  cursor: string | undefined;
  isOpen: boolean;
  onShow: (next: { cursor?: string; mute?: true }) => void;
};

const named = (items: readonly { id: string; name: string }[] | undefined) =>
  items?.map(({ id, name }): Choice => ({ id, label: name }));

/** Of what nothing is told for a while. */
export function MutesTab({ may, cursor, isOpen, onShow }: Props) {
  const mutes = useMutes(cursor);
  const problems = useEveryProblem("open").data?.items;
  const choices = {
    task_id: named(useEveryTask().data?.items),
    account_id: named(useAccounts().data?.items),
    problem_id: problems?.map((one) => ({ id: one.id, label: titleOf(one) })),
    channel_id: named(useChannels().data?.items),
    rule_id: named(useRules().data?.items),
  };
  const add = (
    <Guarded
      may={may}
      size="small"
      variant="contained"
      onClick={() => onShow({ cursor, mute: true })}
    >
      Mute something
    </Guarded>
  );
  const nameOf = (mute: MuteRead) => <Named mute={mute} choices={choices} />;
  return (
    <Section title="Mutes" padded={false} aside={add}>
      <Asked query={mutes} lines={4}>
        {({ items, next_cursor }) =>
          items.length === 0 ? (
            <Empty
              title="Nothing is muted"
              text="Mute a task, an account, a problem, a channel or a rule for a while, such as for planned work."
            />
          ) : (
            <>
              <MuteRows mutes={items} nameOf={nameOf} may={may} />
              <Pages
                first={cursor ? () => onShow({}) : undefined}
                next={next_cursor ? () => onShow({ cursor: next_cursor }) : undefined}
              />
            </>
          )
        }
      </Asked>
      {isOpen && may ? (
        <MuteDialog of={{ choices }} onClose={() => onShow({ cursor })} />
      ) : null}
    </Section>
  );
}

type NamedProps = {
  mute: MuteRead;
  choices: Record<string, readonly Choice[] | undefined>;
};

const LOOK = { underline: "hover", sx: { fontWeight: 550 } } as const;

function Named({ mute, choices }: NamedProps) {
  const nameOf = (kind: string, id: string, other: string) =>
    choices[kind]?.find((one) => one.id === id)?.label ?? other;
  const { task_id, account_id, problem_id, channel_id, rule_id } = mute;
  if (task_id)
    return (
      <TextLink to="/tasks/$id" params={{ id: task_id }} {...LOOK}>
        {nameOf("task_id", task_id, "A task")}
      </TextLink>
    );
  if (account_id)
    return (
      <TextLink to="/accounts/$id" params={{ id: account_id }} {...LOOK}>
        {nameOf("account_id", account_id, "An account")}
      </TextLink>
    );
  if (problem_id)
    return (
      <TextLink to="/problems/$id" params={{ id: problem_id }} {...LOOK}>
        {nameOf("problem_id", problem_id, "A problem")}
      </TextLink>
    );
  if (channel_id)
    return (
      <TextLink to="/notifications/channels/$id" params={{ id: channel_id }} {...LOOK}>
        {nameOf("channel_id", channel_id, "A channel")}
      </TextLink>
    );
  return rule_id ? (
    <TextLink to="/notifications/rules/$id" params={{ id: rule_id }} {...LOOK}>
      {nameOf("rule_id", rule_id, "A rule")}
    </TextLink>
  ) : (
    "Deleted since"
  );
}
