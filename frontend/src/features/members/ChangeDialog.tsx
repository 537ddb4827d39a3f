import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { MemberRead, Role } from "~/client";
import { FormDialog } from "~/parts/FormDialog";
import { FormTrouble } from "~/parts/form";
import { placeAs } from "~/parts/placeAs";
import { AccessFields } from "./AccessFields";
import { type Access, accessOf, accessShape, patchOf } from "./access";
import { useChangeMember } from "./queries";

type Props = {
  member: MemberRead;
  own: Role;
  known: ReadonlyMap<string, readonly string[]>;
  onDone: (said: string) => void;
  onClose: () => void;
};

const NAMES = { role: "role", label_scope: "lines", expires_at: "until" } as const;

/** Another role, limit or end; it holds from the member's next request on. */
export function ChangeDialog({ member, own, known, onDone, onClose }: Props) {
  const change = useChangeMember();
  const [placed, setPlaced] = useState(false);
  const form = useForm<Access>({
    resolver: zodResolver(accessShape),
    defaultValues: accessOf(member),
  });
  const submit = form.handleSubmit((typed) => {
    const body = patchOf(member, typed);
    if (Object.keys(body).length === 0) {
      onClose();
      return;
    }
    change.mutate(
      { path: { id: member.id }, body },
      {
        onSuccess: () => onDone(`${member.name} was changed.`),
        onError: (error) => setPlaced(placeAs(form, error, NAMES)),
      },
    );
  });
  return (
    <FormDialog
      title={`What ${member.name} may`}
      submit="Save"
      busy={change.isPending}
      onSubmit={(event) => void submit(event)}
      onClose={onClose}
    >
      <FormTrouble error={change.error} placed={placed} />
      <AccessFields form={form} own={own} known={known} />
    </FormDialog>
  );
}
