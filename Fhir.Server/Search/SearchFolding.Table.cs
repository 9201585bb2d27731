namespace Fhir.Server.Search;

/// <summary>
/// What a letter with accents folds to, from the decompositions of the Unicode Character Database. The process runs without globalization
/// data (InvariantGlobalization), where <see cref="string.Normalize()"/> changes nothing; so the table is kept here.
/// </summary>
public static partial class SearchFolding
{
    /// <summary>Groups of "plain, blank, the letters that fold to it", two blanks or a line end between groups.</summary>
    private const string Letters = """
        ' ʼ‘’  'n ŉ  - ‐‑–—  ; ;  < ≮  = ≠  > ≯  ` `  a àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ  ae æǣǽ  b ḃḅḇ  c çćĉċčḉ
        d ðďđḋḍḏḑḓ  e èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ  f ḟ  ff ﬀ  ffi ﬃ  ffl ﬄ  fi ﬁ  fl ﬂ  g ĝğġģǧǵḡ  h ĥħȟḣḥḧḩḫẖ
        i ìíîïĩīĭįİıǐȉȋḭḯỉị  ij ĳ  j ĵǰ  k ķǩḱḳḵ  l ĺļľłḷḹḻḽ  m ḿṁṃ  n ñńņňǹṅṇṉṋ  o òóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ
        oe œ  p ṕṗ  r ŕŗřȑȓṙṛṝṟ  s śŝşšſșṡṣṥṧṩẛ  ss ß  st ﬅﬆ  t ţťŧțṫṭṯṱẗ  th þ  u ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự  v ṽṿ
        w ŵẁẃẅẇẉẘ  x ẋẍ  y ýÿŷȳẏẙỳỵỷỹ  z źżžẑẓẕ  l· ŀ  ʒ ǯ  ʹ ʹ  ¨ ΅῁῭΅  · ·  ι ΐίϊἰἱἲἳἴἵἶἷὶίιῐῑῒΐῖῗ
        α άἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ  ε έἐἑἒἓἔἕὲέ  η ήἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ  υ ΰϋύὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ  σ ς  ο όὀὁὂὃὄὅὸό
        ω ώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ  ϒ ϓϔ  и йѝӣӥ  е ѐёӗ  г ѓ  і ї  к ќ  у ўӯӱӳ  ѵ ѷ  ж ӂӝ  а ӑӓ  ә ӛ  з ӟ  о ӧ  ө ӫ  э ӭ
        ч ӵ  ы ӹ  ا آأإ  و ؤ  ي ئ  ە ۀ  ہ ۂ  ے ۓ  न ऩ  र ऱ  ळ ऴ  क क़  ख ख़  ग ग़  ज ज़  ड ड़  ढ ढ़  फ फ़  य य़  ো ো  ৌ ৌ  ড ড়
        ঢ ঢ়  য য়  ਲ ਲ਼  ਸ ਸ਼  ਖ ਖ਼  ਗ ਗ਼  ਜ ਜ਼  ਫ ਫ਼  େ ୈ  ୋ ୋ  ୌ ୌ  ଡ ଡ଼  ଢ ଢ଼  ஔ ஔ  ொ ொ  ோ ோ  ௌ ௌ  ೕ ೀೇ  ೖ ೈ  ೂ ೊ  ೂೕ ೋ
        ൊ ൊ  ോ ോ  ൌ ൌ  ෙ ේ  ො ොෝ  ෞ ෞ  ག གྷ  ཌ ཌྷ  ད དྷ  བ བྷ  ཛ ཛྷ  ཀ ཀྵ  ဥ ဦ  ᬆ ᬆ  ᬈ ᬈ  ᬊ ᬊ  ᬌ ᬌ  ᬎ ᬎ  ᬒ ᬒ  ᬵ ᬻᬽᭃ
        ᭀ ᭀ  ᭁ ᭁ  ᾿ ῍῎῏  ῾ ῝῞῟  ρ ῤῥ  ´ ´  ← ↚  → ↛  ↔ ↮  ⇐ ⇍  ⇔ ⇎  ⇒ ⇏  ∃ ∄  ∈ ∉  ∋ ∌  ∣ ∤  ∥ ∦  ∼ ≁  ≃ ≄  ≅ ≇  ≈ ≉
        ≡ ≢  ≍ ≭  ≤ ≰  ≥ ≱  ≲ ≴  ≳ ≵  ≶ ≸  ≷ ≹  ≺ ⊀  ≻ ⊁  ⊂ ⊄  ⊃ ⊅  ⊆ ⊈  ⊇ ⊉  ⊢ ⊬  ⊨ ⊭  ⊩ ⊮  ⊫ ⊯  ≼ ⋠  ≽ ⋡  ⊑ ⋢  ⊒ ⋣
        ⊲ ⋪  ⊳ ⋫  ⊴ ⋬  ⊵ ⋭  〈 〈  〉 〉  ⫝ ⫝̸  か が  き ぎ  く ぐ  け げ  こ ご  さ ざ  し じ  す ず  せ ぜ  そ ぞ  た だ  ち ぢ  つ づ  て で  と ど
        は ばぱ  ひ びぴ  ふ ぶぷ  へ べぺ  ほ ぼぽ  う ゔ  ゝ ゞ  カ ガ  キ ギ  ク グ  ケ ゲ  コ ゴ  サ ザ  シ ジ  ス ズ  セ ゼ  ソ ゾ  タ ダ  チ ヂ  ツ ヅ  テ デ
        ト ド  ハ バパ  ヒ ビピ  フ ブプ  ヘ ベペ  ホ ボポ  ウ ヴ  ワ ヷ  ヰ ヸ  ヱ ヹ  ヲ ヺ  ヽ ヾ  י יִיּ  ײ ײַ  ש שׁשׂשּׁשּׂשּ  א אַאָאּ  ב בּבֿ  ג גּ  ד דּ  ה הּ
        ו וּוֹ  ז זּ  ט טּ  ך ךּ  כ כּכֿ  ל לּ  מ מּ  נ נּ  ס סּ  ף ףּ  פ פּפֿ  צ צּ  ק קּ  ר רּ  ת תּ
        """;
}
