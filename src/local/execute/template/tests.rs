//! Templates, each with what AWS's Velocity writes.

use serde_json::json;

use super::value::Value;
use super::{Scope, Trouble, evaluate, parse};

fn scope(body: &str) -> Scope {
    let params = json!({
        "path": {"id": "7"},
        "querystring": {"q": "a b"},
        "header": {"Origin": "https://b"},
    });
    Scope {
        body: body.into(),
        params: params.into(),
        context: json!({"stage": "s", "responseOverride": {"header": {}}}).into(),
        stage_variables: json!({"color": "blue"}).into(),
    }
}

fn over(scope: &Scope, template: &str) -> Result<String, Trouble> {
    parse::parse(template).and_then(|nodes| evaluate::written(scope, &nodes))
}

const BODY: &str =
    r#"{"b": 1, "a": {"x": [1, 2.5, "t"]}, "s": "it's \"so\"/é", "n": null, "e": {}}"#;

#[track_caller]
fn writes(template: &str, expected: &str) {
    assert_eq!(
        over(&scope(BODY), template).unwrap(),
        expected,
        "{template}"
    );
}

#[track_caller]
fn refuses(template: &str, why: &str) {
    let trouble = over(&scope(BODY), template).unwrap_err();
    assert!(trouble.0.contains(why), "{template}: {}", trouble.0);
}

#[test]
fn references_are_filled_in() {
    writes("a $context.stage. ${stageVariables.color}!", "a s. blue!");
    writes(
        "$5 and $ and #fff and $no.x $!no",
        "$5 and $ and #fff and $no.x ",
    );
    writes("$stageVariables.no$context.no.deeper", "");
    writes("#set($x = [1, 2])$x[1] $x [0]", "2 [1, 2] [0]");
    writes(
        "#set($m = {'a-b': {\"c\": 1}})${m.a-b.c} $m['a-b'].c $m",
        "1 1 {a-b={c=1}}",
    );
}

#[test]
fn input_is_the_body_and_the_parameters() {
    writes("$input.json('$.a')", r#"{"x":[1,2.5,"t"]}"#);
    writes(
        "$input.path('$.a') $input.path('$.a.x')",
        r#"{x=[1,2.5,"t"]} [1,2.5,"t"]"#,
    );
    writes("$input.json('$.s')", r#""it's \"so\"/é""#);
    writes(
        "$input.path('$.a.x[0]')|$input.path(\"$['b']\")|$input.path('$.a.x[-1]')",
        "1|1|t",
    );
    writes(
        "$input.path('$').a.x.size() $input.path('$.a.x').get(1)",
        "3 2.5",
    );
    writes(
        "[$input.path('$.no')] $input.json('$.no') $input.json('$.n')",
        "[] \"\" \"\"",
    );
    writes(
        "$input.json('$..x') $input.json('$.*.x[*]')",
        r#"[[1,2.5,"t"]] [1,2.5,"t"]"#,
    );
    writes(
        "$input.params('id') $input.params('q') $input.params('no').",
        "7 a b .",
    );
    writes(
        "$input.params().header.Origin $input.params().querystring.get('q')",
        "https://b a b",
    );
    writes("$input.params().path", "{id=7}");
    assert_eq!(
        over(&scope(""), "$input.body $input.json('$')").unwrap(),
        "{} {}"
    );
    assert_eq!(over(&scope("[1]"), "$input.body").unwrap(), "[1]");
    refuses("$input.path('$.a[?(@.x)]')", "the JSONPath $.a[?(@.x)]");
    refuses("$input.path('$.a.length()')", "the JSONPath");
    let trouble = over(&scope("{"), "$input.json('$')").unwrap_err();
    assert!(trouble.0.contains("it is not JSON"), "{}", trouble.0);
}

#[test]
fn util_turns_texts() {
    writes(
        "$util.escapeJavaScript($input.path('$.s'))",
        r#"it\'s \"so\"\/\u00E9"#,
    );
    writes(
        r#"$util.escapeJavaScript("it's").replaceAll("\\'","'")"#,
        "it's",
    );
    writes("$util.parseJson('{\"a\": [1]}').a[0]", "1");
    writes(
        "$util.urlEncode('a b&c') $util.urlDecode('a+b%26c')",
        "a+b%26c a b&c",
    );
    writes(
        "$util.base64Encode('hé') $util.base64Decode('aMOp')",
        "aMOp hé",
    );
    refuses("$util.toJson($x)", "`$util.toJson`");
}

#[test]
fn branches_are_chosen() {
    writes("#if($no)a#elseif(!$no && true)b#else c#end", "b");
    writes("#if(false)a#{else}c#end", "c");
    writes("#if('')empty#end#if($input.path('$.n'))null#end", "empty");
    writes("#if(1 < 2 && 2.5 >= 2 and not (3 == 4) || false)y#end", "y");
    writes("#if('1' == 1 && 'a' != 'b' && 1 eq 1.0)y#end", "y");
    writes("#if('a' lt 'b')y#{else}n#end", "n");
    refuses("#if(true)a", "the #end of an #if");
    refuses("a#end", "without its #if");
    refuses("#if(true a#end", "line 1: `)` is missing before `a#end`");
}

#[test]
fn loops_count() {
    writes(
        "#foreach($i in $input.path('$.a.x'))$velocityCount:$i#if($foreach.hasNext), #end#end",
        "1:1, 2:2.5, 3:t",
    );
    writes(
        "#foreach($i in [3..1])$foreach.index$i #end$i",
        "03 12 21 $i",
    );
    writes(
        "#set($m = {'a': 1, 'b': 2})#foreach($e in $m.entrySet())$e.key=$e.value;#end",
        "a=1;b=2;",
    );
    writes("#foreach($k in $input.path('$').keySet())$k#end", "basne");
    writes(
        "#foreach($v in {'a': 1})$v#end#foreach($v in $no)x#end",
        "1",
    );
    writes(
        "#set($i=9)#foreach($i in [1])#foreach($j in [1,2])$foreach.count#end#end$i",
        "129",
    );
    refuses(
        "#foreach($i in [0..1000])#end",
        "the range 0..1000 is too long",
    );
}

#[test]
fn values_are_made_and_changed() {
    writes("#set($x = 1 + 2 * 3 - 8 / 3 % 2)$x", "7");
    writes("#set($x = (1 + 2) * -3)$x", "-9");
    writes(
        "#set($x = 7 / 2)$x;#set($y = 7.0 / 2)$y;#set($z = 1 / 0)$!z",
        "3;3.5;",
    );
    writes(
        "#set($x = 'a' + 1)$x;#set($y = \"$x-b ${x}\")$y",
        "a1;$x-b a1",
    );
    writes(
        "#set($l = [])#set($ok = $l.add('a'))$l.add('b') $l $l.contains('b')",
        "true [a, b] true",
    );
    writes(
        "#set($m = {})#set($m.a = 1)#set($m['b'] = $m.size())$m",
        "{a=1, b=1}",
    );
    writes("$!m.put('a', 1)#set($m = {})$!m.put('a', 1)$m", "{a=1}");
    writes("#set($x = 1)#set($x = $no)$x", "$x");
    writes(
        "#set($Integer = 0)#set($x = $Integer.parseInt('5') + 1)$x",
        "6",
    );
}

#[test]
fn texts_have_the_methods_of_java() {
    writes(
        "#set($s = 'Aé-b-')$s.length() $s.toLowerCase() $s.substring(1, 3)",
        "5 aé-b- é-",
    );
    writes(
        "#set($s = 'a,b,,')$s.split(',').size() $s.split(',')[1]",
        "2 b",
    );
    writes(
        "#set($s = 'a1b22')$s.replaceAll('([0-9]+)', '<$1>') $s.replace('1', '.')",
        "a<1>b<22> a.b22",
    );
    writes(
        "#set($s = 'abc')$s.startsWith('ab') $s.indexOf('c') $s.matches('b') $s.isEmpty()",
        "true 2 false false",
    );
    writes(
        "#set($s = 'abc')$s.equals('abc') $s.contains('x') $s.trim().toUpperCase()",
        "true false ABC",
    );
    refuses(
        "#set($s = 'a')$s.getClass()",
        "`getClass(0 arguments) of a text`",
    );
    refuses("#set($s = 'a')$s.substring(2)", "substring from 2 to 1");
}

#[test]
fn directives_take_their_line_with_them() {
    writes(
        "{\n  #set($x = 1)\n  #if(true)\n  a\n  #end\n}",
        "{\n    a\n  }",
    );
    writes(
        "a## gone\nb#* gone\n *#c#[[ $context.stage ]]#",
        "abc $context.stage ",
    );
    refuses("#macro(a)#end", "`#macro`");
    refuses("#stop", "`#stop`");
}

#[test]
fn the_answer_is_overridden() {
    let scope = scope("");
    let template = "#set($context.responseOverride.header.Access-Control-Allow-Origin = 'x')\
                    #set($context.responseOverride.status = 201)";
    assert_eq!(over(&scope, template).unwrap(), "");
    let over = scope.context.member("responseOverride");
    assert_eq!(
        over.json(),
        r#"{"header":{"Access-Control-Allow-Origin":"x"},"status":201}"#
    );
}

#[test]
fn what_never_ends_is_stopped() {
    let deep = "(".repeat(5000);
    refuses(&format!("#if({deep}"), "levels deep");
    refuses(&"#if(true)".repeat(5000), "levels deep");
    let pieces = "$!x".repeat(1000);
    refuses(
        &format!("#foreach($a in [1..1000]){pieces}#end"),
        "more than 1000000 steps",
    );
    let doubling = format!(
        "#set($s = 'x'){}#set($s = $s + $s)#end",
        "#foreach($a in [1..100])"
    );
    refuses(&doubling, "more than 10 MB");
    let chain = format!("#set($x = 1{})$x", " + 1".repeat(60_000));
    assert_eq!(over(&scope(""), &chain).unwrap(), "60001");
    // Maps in maps in maps, and each of them twice.
    let deep = "#foreach($a in [1..1000])#foreach($b in [1..150])#set($m = {'a': $m})#end#end.";
    assert_eq!(over(&scope(""), deep).unwrap(), ".");
    let lists = deep.replace("{'a': $m}", "[$m, 1]");
    assert_eq!(over(&scope(""), &lists).unwrap(), ".");
    let wide = "#set($m = 1)#foreach($a in [1..190])#set($m = {'a': $m, 'b': $m})#end$m";
    refuses(wide, "more than 10 MB");
    let nested = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    let many = over(&scope(&nested), "$input.json('$..a..a..a..a..a')").unwrap_err();
    assert!(many.0.contains("more than 100000 values"), "{}", many.0);
    // A map within itself is written to some depth.
    let shown = over(&scope(""), "#set($m = {})$!m.put('m', $m)$m").unwrap();
    assert!(shown.starts_with("{m={m={m="), "{shown}");
    assert!(Value::text("x").truth());
}

#[test]
fn what_names_itself_is_no_panic() {
    let name = "#set($m = {})$!m.put($m, 1)$m.size()$!m.remove($m)";
    assert_eq!(over(&scope(""), name).unwrap(), "1");
    for use_of in [
        "$l.remove($l)",
        "$l.set($l, 1)",
        "$l.get($l)",
        "#set($l[$l] = 1)",
    ] {
        refuses(
            &format!("#set($l = [1]){use_of}"),
            "a list of 1 has no item [1]",
        );
    }
}
