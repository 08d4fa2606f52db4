//! Examples at the end of each command's long help, and of its manual page.
//!
//! A test runs none of them, but each command has some, and each begins with `slp`.

pub const SLP: &str = "\
Examples:
  slp init hello            start a project in the folder hello
  slp -C hello dev          run it on this machine, without an AWS account
  slp -C hello plan         show what `slp apply` would change in AWS
  slp help plan             explain one command

`slp man COMMAND` prints a manual page, `slp completions SHELL` makes the Tab
key work.

Exit codes:
  0         done
  1         failed
  2         the manifest or the command line is wrong
  3         changes are pending
  4         the state does not fit
  5         a gate refused the plan
  130, 143  interrupted";

pub const VALIDATE: &str = "\
Examples:
  slp validate
  slp validate --env prod
  slp --json validate       problems with line and column, for editors";

pub const PLAN: &str = "\
Examples:
  slp plan
  slp plan --target function.HelloWorld
  slp plan --out release.plan                 save it for `slp apply`
  slp plan --format markdown > comment.md     for a review
  slp plan --exit-code                        exit with 3 if something changes";

pub const APPLY: &str = "\
Examples:
  slp apply                 show the plan, ask, do it
  slp apply --yes           do not ask, as in a CI
  slp apply release.plan    do what was saved, and nothing else
  slp apply --local         on the embedded cloud, without an AWS account";

pub const DESTROY: &str = "\
Examples:
  slp destroy
  slp destroy --env staging --yes
  slp destroy --target api.shop     only this, and what depends on it";

pub const DEV: &str = "\
Examples:
  slp dev
  slp dev --port 0                  at any free port
  slp dev --inspect HelloWorld      let a debugger attach to this function
  slp dev --inspect                 ... to each function, at its own port";

pub const LOCAL: &str = "\
Examples:
  slp local
  slp local --ephemeral --port 0
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws lambda list-functions";

pub const INVOKE: &str = "\
Examples:
  slp invoke HelloWorld
  slp invoke HelloWorld '{\"name\": \"you\"}' --tail
  slp invoke HelloWorld:live @event.json
  slp invoke HelloWorld --local     on the embedded cloud";

pub const LOGS: &str = "\
Examples:
  slp logs
  slp logs HelloWorld --follow
  slp logs --since 2h --filter ERROR";

pub const DRIFT: &str = "\
Examples:
  slp drift
  slp drift --format markdown
  slp apply --refresh-only          accept into the state what drift shows";

pub const WHY: &str = "\
Examples:
  slp why function.HelloWorld
  slp why api.shop.stage.v1";

pub const STACKS: &str = "\
Examples:
  slp stacks
  slp stacks --changed-since origin/main";

pub const OUTPUT: &str = "\
Examples:
  slp output
  curl \"$(slp output url --raw)\"
  slp --json output";

pub const SHOW: &str = "\
Examples:
  slp show
  slp show function.HelloWorld
  slp show release.plan             a plan that was saved";

pub const STATE: &str = "\
Examples:
  slp state list
  slp state mv function.Old function.New
  slp state pull > copy.json
  slp state history";

pub const IMPORT: &str = "\
Examples:
  slp import function.HelloWorld HelloWorld
  slp import api.shop abc123 --follow --write
  slp import --from-terraform terraform.tfstate --write";

pub const RECOVER: &str = "\
Examples:
  slp recover
  slp recover slp-emergency.json";

pub const PACKAGE: &str = "\
Examples:
  slp package
  slp package function.HelloWorld --out build";

pub const GRAPH: &str = "\
Examples:
  slp graph | dot -Tsvg > graph.svg
  slp graph --format mermaid";

pub const PERMISSIONS: &str = "\
Examples:
  slp permissions > deployer.json
  slp permissions --plan
  slp permissions --trust github:octo-org/shop@main";

pub const FMT: &str = "\
Examples:
  slp fmt
  slp fmt --check                   for a CI";

pub const INIT: &str = "\
Examples:
  slp init hello
  slp init hello --template python
  cd hello && slp dev";

pub const SCHEMA: &str = "\
Examples:
  slp schema > slp.schema.json
  slp schema plan";

pub const COMPLETIONS: &str = "\
How to install them:
  bash    echo 'source <(slp completions bash)' >> ~/.bashrc
  zsh     echo 'source <(slp completions zsh)' >> ~/.zshrc
  fish    slp completions fish > ~/.config/fish/completions/slp.fish
  elvish  add to ~/.config/elvish/rc.elv:
            eval (slp completions elvish | slurp)
  powershell  add to $PROFILE:
            slp completions powershell | Out-String | Invoke-Expression";

pub const MAN: &str = "\
Examples:
  slp man | man -l -                the main page
  slp man state rm | man -l -       the page of one command
  slp man --out ~/.local/share/man/man1     then `man slp-plan` finds it";
